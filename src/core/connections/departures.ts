/**
 * What happens to the connections of a provider that no longer carries traffic. Those of a dead provider are
 * cut, so that they start again at once; those of one replaced by a better provider are treated as
 * `onFailback` says. They are never cut in doubt, never because a standby failed, and never while no other
 * provider is reliable: a dead connection is no worse than none.
 */
import type { Instant } from '../../../models/instant.ts';
import { type Family, families, pathKey } from '../../../models/path.ts';
import type { Departure } from '../effects.ts';
import { isPinned } from '../election/new-traffic.ts';
import type { PathState, State } from '../state/state.ts';

/** The providers that left since `before` and whose connections may have to be cut, now or later. */
export function departures(before: State['active'], state: State): Departure[] {
  return families.flatMap((family) =>
    before[family]
      .filter((id) => !state.active[family].includes(id))
      .flatMap((id) => departureOf(state, id, family) ?? []),
  );
}

function departureOf(state: State, id: string, family: Family): Departure | undefined {
  const path = state.paths.get(pathKey(id, family));
  if (path === undefined) return undefined;
  if (path.health === 'unreliable' || isDead(path)) return { id, family, why: 'failed', dueAt: state.at };
  const { onFailback } = path.provider;
  if (isPinned(state, family) || onFailback.kind === 'soft') return undefined;
  const afterMs = onFailback.kind === 'drain' ? onFailback.afterMs : 0;
  return { id, family, why: 'failback', dueAt: state.at + afterMs };
}

/** What to do with the connections of a provider that left: cut them now, wait, or keep them for good. */
export function drainAction(
  { id, family, why, dueAt }: Departure,
  state: State,
  at: Instant,
): 'cut' | 'wait' | 'keep' {
  const path = state.paths.get(pathKey(id, family));
  if (path === undefined || state.active[family].includes(id)) return 'keep';
  if (why === 'failed' && path.health === 'reliable') return 'keep';
  if (state.newTraffic[family].includes(id)) return 'wait'; // it substitutes for one in doubt
  const isDue = why === 'failed' ? isDead(path) : at >= dueAt;
  return isDue && hasReliable(state, family) ? 'cut' : 'wait';
}

function isDead({ liveness, obstacle }: PathState): boolean {
  return liveness === 'down' || obstacle !== undefined;
}

/** Whether a reliable provider gets the new connections. */
function hasReliable(state: State, family: Family): boolean {
  if (state.allDown[family]) return false;
  return state.newTraffic[family].some((id) => {
    const path = state.paths.get(pathKey(id, family));
    return path?.health === 'reliable' && path.liveness === 'up' && path.obstacle === undefined;
  });
}
