/**
 * Which providers get new connections. Where connections are marked, failover has two stages: a provider in
 * doubt gets no new ones while another is reliable, and its existing ones stay; only when it is judged down
 * does the election move those too.
 */
import { type Family, pathKey } from '../../../models/path.ts';
import type { PathState, State } from '../state/state.ts';
import { tierOf } from '../state/tier.ts';

/** The providers that get a family's new connections: those elected and not in doubt, else substitutes. */
export function newTrafficIds(state: State, family: Family): readonly string[] {
  const active = state.active[family];
  if (!state.config.connectionMarks || isPinned(state, family) || state.allDown[family]) return active;
  const sound = active.filter((id) => !isFailing(state.paths.get(pathKey(id, family))));
  if (sound.length > 0 || active.length === 0) return sound.length === active.length ? active : sound;
  const others = substitutes(state, family);
  return others.length > 0 ? others : active;
}

/** Whether a pin is in effect in a family: not if its provider is gone or lacks the family. */
export function isPinned({ sticky, active }: State, family: Family): boolean {
  return sticky !== undefined && active[family].includes(sticky.id);
}

/** Whether a family is pinned and the operator disabled checks meanwhile. */
export function checksSuspended(state: State, family: Family): boolean {
  return !state.config.probeWhileSticky && isPinned(state, family);
}

/** Whether nothing gets through a path now. */
export function isFailing(path: PathState | undefined): boolean {
  return path?.liveness === 'doubt' || path?.liveness === 'down';
}

/** The reliable providers of the best tier that has any. */
function substitutes(state: State, family: Family): readonly string[] {
  let best = Number.POSITIVE_INFINITY;
  let ids: string[] = [];
  for (const path of state.paths.values()) {
    const { family: own, expected, provider, health, liveness, obstacle } = path;
    const tier = tierOf(path);
    if (own !== family || !expected || tier === null || tier > best) continue;
    if (health !== 'reliable' || liveness !== 'up' || obstacle !== undefined) continue;
    ids = tier === best ? [...ids, provider.id] : [provider.id];
    best = tier;
  }
  return ids;
}
