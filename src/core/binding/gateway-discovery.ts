/**
 * Which neighbour is the gateway, where the operator says `'discover'`. One is tried at a time, by the path's own checks
 * through the path's own table: the one that passes is kept until nothing gets through it any more. Then the others are
 * tried, and in turn with each of them the one that passed last, which is the likeliest to come back.
 */
import type { Links } from '../../../models/link.ts';
import type { Binding } from '../../../models/path.ts';
import { discoversGateway, type GatewaySearch } from '../state/gateway-search.ts';
import type { PathState, State } from '../state/state.ts';

type Paths = State['paths'];

const settleMs = 50; // for the kernel to get the routes through the next candidate

/** The gateway to bind a path to while its gateway is sought; undefined while there is nobody to try. */
export function candidateGateway(path: PathState, links: Links, paths: Paths): string | undefined {
  const { trial, proven } = path.search;
  return trial ?? proven ?? path.remembered?.gateway ?? candidates(path, links, paths)[0];
}

/**
 * Whom to try: those whom default routes name, those that say they route, then the other neighbours. Not the gateways that
 * other providers of the device have by configuration: their way would be ours as well.
 */
export function candidates({ provider, family }: PathState, links: Links, paths: Paths): readonly string[] {
  const { interfaceName } = provider;
  const told = links.defaults.flatMap((route) =>
    route.interfaceName === interfaceName && route.family === family ? (route.gateway ?? []) : [],
  );
  const neighbours = (links.neighbours ?? []).filter(
    (neighbour) => neighbour.interfaceName === interfaceName && neighbour.family === family,
  );
  const routers = neighbours.filter(({ router }) => router);
  const found = new Set([...told, ...[...routers, ...neighbours].map(({ address }) => address)]);
  for (const other of paths.values())
    if (other.provider.enabled && other.family === family && other.provider.interfaceName === interfaceName)
      found.delete(other.provider.addressing[family].gateway);
  return [...found];
}

/** Takes in a finished check. Tells what became of the search: a gateway is found, or the next is to be tried. */
export function recordProbe(
  path: PathState,
  ok: boolean,
  links: Links,
  paths: Paths,
): 'found' | 'next' | undefined {
  const { search } = path;
  const gateway = path.binding?.gateway;
  if (gateway === undefined) return undefined;
  if (ok) {
    if (search.proven === gateway && search.trial === undefined) return undefined;
    path.search = { proven: gateway, trial: undefined, tries: 0 };
    return search.proven === gateway ? undefined : 'found';
  }
  if (search.proven === gateway && path.liveness !== 'down') return undefined;
  path.search = next(search, gateway, candidates(path, links, paths));
  return candidateGateway(path, links, paths) === gateway ? undefined : 'next';
}

function next(search: GatewaySearch, present: string, all: readonly string[]): GatewaySearch {
  const { proven, tries } = search;
  if (proven !== undefined && present !== proven) return { ...search, trial: undefined };
  const others = all.filter((address) => address !== proven);
  const following = others[tries % Math.max(1, others.length)];
  const trial = following === present ? others[(tries + 1) % others.length] : following;
  return { proven, trial: trial ?? search.trial, tries: tries + 1 };
}

/** When a path may be checked through the candidate it was just bound to. */
export function readyAfter(now: number): number {
  return now + settleMs;
}

/** What traffic is sent through: never a candidate that has not passed a check. */
export function proven(path: PathState, binding: Binding): Binding | undefined {
  if (!discoversGateway(path.provider, path.family)) return binding;
  const { proven: gateway } = path.search;
  return gateway === undefined ? undefined : { ...binding, gateway };
}
