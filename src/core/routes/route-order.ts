/** The order in which the ways out of a family stand in the kernel: first those who get new traffic together, then the others. */
import { type Binding, type Family, pathKey } from '../../../models/path.ts';
import { proven } from '../binding/gateway-discovery.ts';
import { sourceOf } from '../binding/shared-source.ts';
import type { PathState, State } from '../state/state.ts';

/** A path that can have a route. */
export type RoutablePath = PathState & { readonly binding: Binding };

/** Who gets new traffic now, and those who would be next, in their order. */
export interface PathRanks {
  readonly first: readonly RoutablePath[]; // they share; may be empty: a pinned or kept provider without device
  readonly next: readonly RoutablePath[];
}

/** The ranks of a family. */
export function rankPaths(state: State, family: Family): PathRanks {
  const fresh = new Set(state.newTraffic[family]);
  const carriers = inRouteOrder(state, family);
  const first = carriers.filter(({ provider }) => fresh.has(provider.id));
  const others = carriers.filter(({ provider }) => !fresh.has(provider.id));
  return { first, next: onePerWay(first, others) };
}

/** A second way through the same device from the same address stands in for nobody: when the device goes, both go. */
function onePerWay(first: readonly RoutablePath[], others: readonly RoutablePath[]): readonly RoutablePath[] {
  const taken = new Set(first.map(sourceOf));
  return others.filter((path) => {
    const source = sourceOf(path);
    if (taken.has(source)) return false;
    taken.add(source);
    return true;
  });
}

/** The paths of a family in the order their defaults stand: new traffic, active, then the others, the dead ones last. */
export function inRouteOrder(state: State, family: Family): readonly RoutablePath[] {
  const fresh = places(state.newTraffic[family]);
  const active = places(state.active[family]);
  const position = (path: PathState): number => {
    const { id, tier } = path.provider;
    const [newest, present] = [fresh.get(id), active.get(id)];
    if (newest !== undefined) return newest - 1e6;
    if (present !== undefined) return present - 1000;
    return (tier ?? 0) + (path.liveness === 'down' || path.obstacle !== undefined ? 1e6 : 0);
  };
  const carriers: RoutablePath[] = [];
  for (const provider of state.config.providers) {
    const path = state.paths.get(pathKey(provider.id, family));
    const carrier = path === undefined ? undefined : carrierOf(path);
    if (carrier !== undefined && (provider.tier !== null || active.has(provider.id))) carriers.push(carrier);
  }
  return carriers.sort((a, b) => position(a) - position(b));
}

function places(ids: readonly string[]): ReadonlyMap<string, number> {
  return new Map(ids.map((id, place) => [id, place]));
}

function hasBinding(path: PathState): path is RoutablePath {
  return path.binding !== undefined;
}

function carrierOf(path: PathState): RoutablePath | undefined {
  const binding = path.binding && proven(path, path.binding);
  if (binding === undefined) return undefined;
  return hasBinding(path) && path.binding === binding ? path : { ...path, binding };
}
