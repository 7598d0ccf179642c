import type { Config } from '../../../models/config.ts';
import { newPath, type PathState } from './state.ts';

/** Forgets everything that checks have found out about a path, and what follows from it. Its binding stays. */
export function startOver(path: PathState, config: Config): void {
  const { provider, family, uneventful, expected, binding, obstacle, remembered, search } = path;
  const { readyAt, checks, spending, recovery } = path;
  Object.assign(path, newPath(provider, family, config), {
    ...{ uneventful, expected, binding, obstacle, remembered, search },
    ...{ readyAt, checks, spending, recovery },
  });
  recovery.lostBy = undefined;
  recovery.sign = undefined;
}
