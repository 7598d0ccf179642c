/**
 * How far apart the checks of a standby must be to keep its provider's `probeBudget`. The cost of a check is
 * known from the last hour; a provider that spent more than its budget in that hour, while active or in
 * doubt, is slowed down further until that is an hour ago. Active paths are never slowed down, nor is any
 * path while none passes.
 */
import { families, pathKey } from '../../../models/path.ts';
import type { PathState, State } from '../state/state.ts';

const hourMs = 3_600_000;

/** The least time between the starts of two checks, ms, at most an hour; 0 without a budget to keep. */
export function minimumIntervalMs(state: State, path: PathState): number {
  const { probeBudget } = path.provider;
  if (probeBudget === undefined || !isBudgeted(state, path) || state.allDown[path.family]) return 0;
  let spent = 0;
  let cost = 0; // of a check in each family
  for (const family of families) {
    const spending = state.paths.get(pathKey(path.provider.id, family))?.spending;
    const { bytes, checks } = spending?.lastHour(state.at) ?? { bytes: 0, checks: 0 };
    spent += bytes;
    cost += checks === 0 ? 0 : bytes / checks;
  }
  // While its verdict is open it is checked like any other path, as long as some budget is left.
  if (spent < probeBudget && !isSettled(path)) return 0;
  const paceMs = (cost * hourMs) / probeBudget;
  return Math.min(paceMs * Math.max(1, spent / probeBudget), hourMs);
}

/** The factor by which all probes through a path are slowed down; at least 1. */
export function slowdownOf(state: State, path: PathState): number {
  return Math.max(1, minimumIntervalMs(state, path) / path.intervalMs);
}

/** Whether a path must not be checked faster than `checkInterval`: it is a standby on a metered line. */
export function isBudgeted(state: State, { provider, family }: PathState): boolean {
  return provider.probeBudget !== undefined && !state.active[family].includes(provider.id);
}

/** Whether no change is imminent: it is reliable and up, or unreliable and down. */
function isSettled({ health, liveness }: PathState): boolean {
  return (health === 'reliable' && liveness === 'up') || (health === 'unreliable' && liveness === 'down');
}
