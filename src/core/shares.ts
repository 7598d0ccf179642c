/** The order in which the ways out of a family stand in the kernel: first those who get new traffic together, then the others. */
import { type Binding, type Family, pathKey } from '../../models/path.ts';
import { proven } from './discover.ts';
import type { PathState, State } from './state.ts';

/** A path that can have a route. */
export type Carrier = PathState & { readonly binding: Binding };

/** Who gets new traffic now, and those who would be next, in their order. */
export interface Ranks {
  readonly first: readonly Carrier[]; // they share; may be empty: a pinned or kept provider without device
  readonly next: readonly Carrier[];
}

/** The ranks of a family. */
export function ranks(state: State, family: Family): Ranks {
  const fresh = state.newTraffic[family];
  const carriers = inOrder(state, family);
  const first = carriers.filter(({ provider }) => fresh.includes(provider.id));
  return { first, next: carriers.filter((path) => !first.includes(path)) };
}

/** The paths of a family in the order their defaults stand: new traffic, active, then the others, the dead ones last. */
export function inOrder(state: State, family: Family): readonly Carrier[] {
  const fresh = state.newTraffic[family];
  const active = state.active[family];
  const position = (path: PathState): number => {
    const { id, tier } = path.provider;
    if (fresh.includes(id)) return fresh.indexOf(id) - 1e6;
    if (active.includes(id)) return active.indexOf(id) - 1000;
    return (tier ?? 0) + (path.liveness === 'down' || path.obstacle !== undefined ? 1e6 : 0);
  };
  const carriers: Carrier[] = [];
  for (const provider of state.config.providers) {
    const path = state.paths.get(pathKey(provider.id, family));
    const carrier = path === undefined ? undefined : carrierOf(path);
    if (carrier !== undefined && (provider.tier !== null || active.includes(provider.id)))
      carriers.push(carrier);
  }
  return carriers.sort((a, b) => position(a) - position(b));
}

function hasBinding(path: PathState): path is Carrier {
  return path.binding !== undefined;
}

function carrierOf(path: PathState): Carrier | undefined {
  const binding = path.binding && proven(path, path.binding);
  if (binding === undefined) return undefined;
  return hasBinding(path) && path.binding === binding ? path : { ...path, binding };
}
