import type { Config } from '../../../models/config.ts';
import { forgetLoss } from './recovery.ts';
import { newPath, type PathState } from './state.ts';

/**
 * Forgets everything that checks have found out about a path, and what follows from it. Its binding stays, and its
 * failovers: a line that gets another address each time it comes back is still the line that fails.
 */
export function startOver(path: PathState, config: Config): void {
  const { provider, family, uneventful, expected, binding, obstacle, remembered, search } = path;
  const { readyAt, checks, spending, failovers, recovery } = path;
  Object.assign(path, newPath(provider, family, config), {
    ...{ uneventful, expected, binding, obstacle, remembered, search },
    ...{ readyAt, checks, spending, failovers, recovery },
  });
  forgetLoss(recovery);
}
