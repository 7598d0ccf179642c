/** The order of a family's paths in the kernel: those that share the new traffic first, then the others. */
import { type Binding, type Family, pathKey } from '../../../models/path.ts';
import { proven } from '../binding/gateway-discovery.ts';
import { sourceOf } from '../binding/shared-source.ts';
import type { PathState, State } from '../state/state.ts';
import { tierOf } from '../state/tier.ts';

/** A path that can have a route. */
export type RoutablePath = PathState & { readonly binding: Binding };

/** The paths with new traffic, and those that would be next, in order. */
export interface PathRanks {
  readonly first: readonly RoutablePath[]; // empty if a pinned or kept provider has no device
  readonly next: readonly RoutablePath[];
}

/** The ranks of a family. */
export function rankPaths(state: State, family: Family): PathRanks {
  const fresh = new Set(state.newTraffic[family]);
  const paths = inRouteOrder(state, family);
  const first = paths.filter(({ provider }) => fresh.has(provider.id));
  const others = paths.filter(({ provider }) => !fresh.has(provider.id));
  return { first, next: onePerSource(first, others) };
}

/** A second path with the same device and source address is no backup: when the device goes, both go. */
function onePerSource(
  first: readonly RoutablePath[],
  others: readonly RoutablePath[],
): readonly RoutablePath[] {
  const taken = new Set(first.map(sourceOf));
  return others.filter((path) => {
    const source = sourceOf(path);
    if (taken.has(source)) return false;
    taken.add(source);
    return true;
  });
}

/** A family's paths in the order of their defaults: new traffic, active, the others, dead ones last. */
export function inRouteOrder(state: State, family: Family): readonly RoutablePath[] {
  const fresh = places(state.newTraffic[family]);
  const active = places(state.active[family]);
  const position = (path: PathState): number => {
    const { id } = path.provider;
    const [newest, present] = [fresh.get(id), active.get(id)];
    if (newest !== undefined) return newest - 1e6;
    if (present !== undefined) return present - 1000;
    return (tierOf(path) ?? 0) + (path.liveness === 'down' || path.obstacle !== undefined ? 1e6 : 0);
  };
  const routable: RoutablePath[] = [];
  for (const provider of state.config.providers) {
    const path = state.paths.get(pathKey(provider.id, family));
    const found = path === undefined ? undefined : routablePath(path);
    if (found !== undefined && (provider.tier !== null || active.has(provider.id))) routable.push(found);
  }
  return routable.sort((a, b) => position(a) - position(b));
}

function places(ids: readonly string[]): ReadonlyMap<string, number> {
  return new Map(ids.map((id, place) => [id, place]));
}

function hasBinding(path: PathState): path is RoutablePath {
  return path.binding !== undefined;
}

function routablePath(path: PathState): RoutablePath | undefined {
  const binding = path.binding && proven(path, path.binding);
  if (binding === undefined) return undefined;
  return hasBinding(path) && path.binding === binding ? path : { ...path, binding };
}
