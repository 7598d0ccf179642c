/**
 * Which neighbour is the gateway, where the operator says `'discover'`. Candidates are tried one at a time,
 * by the path's own checks through the path's own table. The one that passes is kept until nothing gets
 * through it any more. Then the others are tried, alternating with the one that passed last, which is the
 * most likely to come back.
 */
import type { Links } from '../../../models/link.ts';
import type { Binding } from '../../../models/path.ts';
import { discoversGateway, type GatewaySearch } from '../state/gateway-search.ts';
import type { PathState, State } from '../state/state.ts';

type Paths = State['paths'];

const settleMs = 50; // until the routes through the next candidate are in the kernel

/** The gateway to bind a path to during the search; undefined while there is none to try. */
export function candidateGateway(path: PathState, links: Links, paths: Paths): string | undefined {
  const { trial, proven } = path.search;
  const others = gatewaysOfOthers(path, paths);
  const known = [trial, proven, path.remembered?.gateway].find(
    (gateway) => gateway !== undefined && !others.has(gateway),
  );
  return known ?? candidates(path, links, paths)[0];
}

/**
 * The gateways to try: those of default routes, those flagged as routers, then the other neighbours. Not
 * those of other providers on the device: both would use the same line.
 */
export function candidates(path: PathState, links: Links, paths: Paths): readonly string[] {
  const { interfaceName } = path.provider;
  const named = links.defaults.flatMap((route) =>
    route.interfaceName === interfaceName && route.family === path.family ? (route.gateway ?? []) : [],
  );
  const neighbours = (links.neighbours ?? []).filter(
    (neighbour) => neighbour.interfaceName === interfaceName && neighbour.family === path.family,
  );
  const routers = neighbours.filter(({ router }) => router);
  const found = new Set([...named, ...[...routers, ...neighbours].map(({ address }) => address)]);
  for (const gateway of gatewaysOfOthers(path, paths)) found.delete(gateway);
  return [...found];
}

/**
 * The gateways of other providers on the device, configured or found. Of two providers that search, the first
 * in the list chooses first, but does not take a gateway that works for the second.
 */
function gatewaysOfOthers({ key, family, provider }: PathState, paths: Paths): ReadonlySet<string> {
  const gateways = new Set<string>();
  let isEarlier = true;
  for (const other of paths.values()) {
    if (other.key === key) isEarlier = false;
    const onSameDevice = other.family === family && other.provider.interfaceName === provider.interfaceName;
    if (other.key === key || !onSameDevice || !other.provider.enabled) continue;
    for (const gateway of gatewaysOf(other, isEarlier)) gateways.add(gateway);
  }
  return gateways;
}

function gatewaysOf(path: PathState, isEarlier: boolean): readonly string[] {
  const { provider, family, search, binding } = path;
  if (!discoversGateway(provider, family)) return [provider.addressing[family].gateway];
  const isSettled = search.trial === undefined && search.proven === binding?.gateway;
  const taken = isEarlier
    ? [search.trial, search.proven, binding?.gateway]
    : isSettled
      ? [search.proven]
      : [];
  return taken.filter((gateway) => gateway !== undefined);
}

/** Records a finished check. Returns whether a gateway is found, or the next is to be tried. */
export function recordProbe(
  path: PathState,
  ok: boolean,
  links: Links,
  paths: Paths,
): 'found' | 'next' | undefined {
  const gateway = path.binding?.gateway;
  if (gateway === undefined) return undefined;
  const { search } = path;
  if (ok) {
    if (search.proven === gateway && search.trial === undefined) return undefined;
    path.search = { proven: gateway, trial: undefined, tries: 0 };
    return search.proven === gateway ? undefined : 'found';
  }
  if (search.proven === gateway && path.liveness !== 'down') return undefined;
  path.search = next(withoutTaken(path, paths), gateway, candidates(path, links, paths));
  return candidateGateway(path, links, paths) === gateway ? undefined : 'next';
}

/** Does not go back to a gateway that another provider has taken in the meantime. */
function withoutTaken(path: PathState, paths: Paths): GatewaySearch {
  const { search } = path;
  if (search.proven === undefined || !gatewaysOfOthers(path, paths).has(search.proven)) return search;
  return { ...search, proven: undefined };
}

function next(search: GatewaySearch, present: string, all: readonly string[]): GatewaySearch {
  const { proven, tries } = search;
  if (proven !== undefined && present !== proven) return { ...search, trial: undefined };
  const others = all.filter((address) => address !== proven);
  const following = others[tries % Math.max(1, others.length)];
  const trial = following === present ? others[(tries + 1) % others.length] : following;
  return { proven, trial: trial ?? search.trial, tries: tries + 1 };
}

/** When a path can be checked through the candidate it has just been bound to. */
export function readyAfter(now: number): number {
  return now + settleMs;
}

/** The binding for traffic: never through a candidate that has not passed a check. */
export function proven(path: PathState, binding: Binding): Binding | undefined {
  if (!discoversGateway(path.provider, path.family)) return binding;
  const { proven: gateway } = path.search;
  return gateway === undefined ? undefined : { ...binding, gateway };
}
