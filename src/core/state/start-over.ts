import type { Config } from '../../../models/config.ts';
import { forgetLoss } from './recovery.ts';
import { PathState } from './state.ts';

/**
 * Forgets everything that checks have found out about a path, and what follows from it. Its binding stays, and its
 * failovers: a line that gets another address each time it comes back is still the line that fails.
 */
export function startOver(path: PathState, config: Config): void {
  const { provider, family, uneventful, expected, binding, obstacle, remembered, search } = path;
  const { readyAt, checks, load, spending, failovers, recovery } = path;
  Object.assign(path, new PathState(provider, family, config), {
    ...{ uneventful, expected, binding, obstacle, remembered, search },
    ...{ readyAt, checks, load, spending, failovers, recovery },
  });
  forgetLoss(recovery);
}
