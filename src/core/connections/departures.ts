/**
 * What becomes of the connections of a provider that no longer carries traffic. Those of a dead one are cut, so that they
 * begin anew at once; those of one that a better one took over from, as the operator said. Never in doubt, never because a
 * standby failed, and never when no other provider is reliable: a dead connection is no worse than none.
 */
import type { Instant } from '../../../models/instant.ts';
import { type Family, families, pathKey } from '../../../models/path.ts';
import type { Departure } from '../effects.ts';
import { isPinned } from '../election/new-traffic.ts';
import type { PathState, State } from '../state/state.ts';

/** Those who left since `before` and may have to lose their connections, now or later. */
export function departures(before: State['active'], state: State): Departure[] {
  return families.flatMap((family) =>
    before[family]
      .filter((id) => !state.active[family].includes(id))
      .flatMap((id) => leavingOf(state, id, family) ?? []),
  );
}

function leavingOf(state: State, id: string, family: Family): Departure | undefined {
  const path = state.paths.get(pathKey(id, family));
  if (path === undefined) return undefined;
  if (path.health === 'unreliable' || isDead(path)) return { id, family, why: 'failed', dueAt: state.at };
  const { onFailback } = path.provider;
  if (isPinned(state, family) || onFailback.kind === 'soft') return undefined;
  const afterMs = onFailback.kind === 'drain' ? onFailback.afterMs : 0;
  return { id, family, why: 'failback', dueAt: state.at + afterMs };
}

/** Whether the connections of one that left are to be cut now, may have to be later, or are no longer to be thought of. */
export function drainAction(
  { id, family, why, dueAt }: Departure,
  state: State,
  at: Instant,
): 'cut' | 'wait' | 'keep' {
  const path = state.paths.get(pathKey(id, family));
  if (path === undefined || state.active[family].includes(id)) return 'keep';
  if (why === 'failed' && path.health === 'reliable') return 'keep';
  if (state.newTraffic[family].includes(id)) return 'wait'; // it stands in for one in doubt
  const isDue = why === 'failed' ? isDead(path) : at >= dueAt;
  return isDue && hasReliable(state, family) ? 'cut' : 'wait';
}

function isDead({ liveness, obstacle }: PathState): boolean {
  return liveness === 'down' || obstacle !== undefined;
}

/** Whether somebody who is reliable gets the new connections. */
function hasReliable(state: State, family: Family): boolean {
  if (state.allDown[family]) return false;
  return state.newTraffic[family].some((id) => {
    const path = state.paths.get(pathKey(id, family));
    return path?.health === 'reliable' && path.liveness === 'up' && path.obstacle === undefined;
  });
}
