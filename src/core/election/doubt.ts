/**
 * Most of a thousand providers carry no traffic, and are not the next to get any. Whether such a one is in doubt moves
 * nothing, and the others need not be looked at because of it.
 */
import { type Family, pathKey } from '../../../models/path.ts';
import type { PathState, State } from '../state/state.ts';
import { tierOf } from '../state/tier.ts';
import { isFailing } from './new-traffic.ts';

/** Whether an election may turn out differently because a path came into doubt or left it, its health being the same. */
export function doubtMatters(state: State, path: PathState): boolean {
  const { provider, family, health, liveness } = path;
  if (health !== 'reliable') return true;
  const carriers = state.active[family];
  const carries = carriers.includes(provider.id);
  if (state.config.connectionMarks && (carries || carriers.every((id) => isFailing(find(state, id, family)))))
    return true; // another might get the new connections
  const tier = tierOf(path);
  if (carries || liveness !== 'up' || tier === null) return false;
  const [first = ''] = carriers;
  const leader = find(state, first, family);
  return leader === undefined || tier <= (tierOf(leader) ?? tier); // it may get traffic, or share it
}

function find({ paths }: State, id: string, family: Family): PathState | undefined {
  return paths.get(pathKey(id, family));
}
