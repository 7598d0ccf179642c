/**
 * The routes and rules a state wants in the kernel: per provider a table of its own and the rules that lead there,
 * and the layout `metrics`: one default route per provider in `main`, the active one first.
 */
import { type Binding, type Family, families, pathKey } from '../../models/path.ts';
import { type KernelRoutes, mainTable, type Route, type Rule } from '../../models/route.ts';
import { contains } from './cidr.ts';
import { spellRule } from './spell.ts';
import type { PathState, State } from './state.ts';

/** First of the rule preferences we use; the four kinds of rules take one each. */
export const firstPref = 10770;

const lastMetric = 4294967294; // of the route that stops bound traffic from leaking; the largest but one

/** What is wanted now; `undefined` until the kernel's devices have been read. */
export function desired(state: State): KernelRoutes | undefined {
  if (state.links === undefined) return undefined;
  const defaults = families.flatMap((family) => mainDefaults(state, family));
  const paths = [...state.paths.values()].filter(({ expected }) => expected);
  const rules = paths.flatMap((path) =>
    ownRules(path, { blocked: isBlocked(path.family, defaults), shared: sharesDevice(state, path) }),
  );
  return { routes: [...paths.flatMap(ownTable), ...defaults], rules: distinct(rules) };
}

/** The paths of a family in the order their defaults stand in `main`: active, then the others, the dead ones last. */
export function inOrder(state: State, family: Family): readonly PathState[] {
  const active = state.active[family];
  const position = (path: PathState): number => {
    const index = active.indexOf(path.provider.id);
    if (index >= 0) return index - active.length;
    return (path.provider.tier ?? 0) + (path.liveness === 'down' || path.obstacle !== undefined ? 1e6 : 0);
  };
  const carriers: PathState[] = [];
  for (const provider of state.config.providers) {
    const path = state.paths.get(pathKey(provider.id, family));
    if (path?.binding !== undefined && (provider.tier !== null || active.includes(provider.id)))
      carriers.push(path);
  }
  return carriers.sort((a, b) => position(a) - position(b));
}

/** The metrics our defaults get: from `startMetric` on, stepping over those that other people's defaults hold. */
export function* freeMetrics(state: State, family: Family): Generator<number> {
  const taken = new Set(
    state.links?.defaults.filter((route) => isInMain(route, family)).map(({ metric }) => metric),
  );
  for (let metric = state.config.startMetric; ; metric += 1) if (!taken.has(metric)) yield metric;
}

function isInMain(route: { family: Family; table: number }, family: Family): boolean {
  return route.family === family && route.table === mainTable;
}

function mainDefaults(state: State, family: Family): Route[] {
  const metrics = freeMetrics(state, family);
  const nextMetric = (): number => metrics.next().value;
  const { allDown } = state.config;
  if (state.allDown[family] && state.active[family].length === 0 && allDown !== 'keep') {
    return allDown === 'unreachable' && anyExpected(state, family)
      ? [unreachable(family, mainTable, nextMetric())]
      : [];
  }
  const [first, ...rest] = inOrder(state, family);
  // A pinned or kept provider that cannot have a route leaves its metric free for its return.
  const activeIsHere = first !== undefined && state.active[family].includes(first.provider.id);
  const own = nextMetric();
  const others = activeIsHere ? rest : first === undefined ? [] : [first, ...rest];
  return [
    ...(activeIsHere && first.binding !== undefined
      ? [defaultRoute(family, first.binding, mainTable, own)]
      : []),
    ...others.flatMap(({ binding }) =>
      binding ? [defaultRoute(family, binding, mainTable, nextMetric())] : [],
    ),
  ];
}

function anyExpected(state: State, family: Family): boolean {
  return [...state.paths.values()].some((path) => path.family === family && path.expected);
}

/** The provider's network and default, and a last route that keeps bound traffic from leaving through another. */
function ownTable({ binding, family, provider }: PathState): Route[] {
  const table = provider.rtTableId;
  const stop = unreachable(family, table, lastMetric);
  if (binding === undefined) return [stop];
  const metric = family === 4 ? 0 : 1024; // what the kernel itself gives routes without one
  const connected: Route = {
    ...blank(family, table, metric),
    dst: binding.network ?? 'default',
    dev: binding.interfaceName,
  };
  return [
    ...(binding.network === undefined ? [] : [{ ...connected, src: preferredSource(family, binding) }]),
    defaultRoute(family, binding, table, metric),
    stop,
  ];
}

function defaultRoute(family: Family, binding: Binding, table: number, metric: number): Route {
  const { gateway, network, interfaceName } = binding;
  const isReached =
    gateway === undefined ||
    gateway.startsWith('fe80:') ||
    (network !== undefined && contains(network, gateway));
  return {
    ...blank(family, table, metric),
    gateway,
    dev: interfaceName,
    src: preferredSource(family, binding),
    onlink: !isReached,
  };
}

/** IPv6 sources are chosen by the kernel after RFC 6724, which knows of deprecated and temporary addresses. */
function preferredSource(family: Family, binding: Binding): string | undefined {
  return family === 4 ? binding.address : undefined;
}

function unreachable(family: Family, table: number, metric: number): Route {
  return { ...blank(family, table, metric), type: 'unreachable' };
}

function blank(family: Family, table: number, metric: number): Route {
  const route = { family, table, metric, dst: 'default', type: 'unicast' } as const;
  return { ...route, gateway: undefined, dev: undefined, src: undefined, onlink: false };
}

/** Whether `main` answers "unreachable" for everything it has no more specific route to. */
function isBlocked(family: Family, defaults: readonly Route[]): boolean {
  return defaults.some((route) => route.family === family && route.type === 'unreachable');
}

/** Whether another provider is on the same device: only the address tells their packets apart then. */
function sharesDevice(state: State, { provider }: PathState): boolean {
  return state.config.providers.some(
    (other) => other.id !== provider.id && other.enabled && other.interfaceName === provider.interfaceName,
  );
}

/**
 * Who is looked up in the provider's table: sockets bound to its device; its own address towards its own network;
 * its own address towards anywhere that `main` has no more specific route to (LAN, VPN).
 */
function ownRules(
  { family, provider, binding, remembered }: PathState,
  { blocked, shared }: { blocked: boolean; shared: boolean },
): Rule[] {
  const table = provider.rtTableId;
  const none = {
    family,
    from: undefined,
    to: undefined,
    oif: undefined,
    table,
    suppressPrefixLength: undefined,
  };
  const place = binding ?? remembered;
  const bound: Rule = {
    ...none,
    pref: firstPref,
    oif: provider.interfaceName,
    from: shared ? place?.address : undefined,
  };
  if (place === undefined) return shared ? [] : [bound];
  const { network } = place;
  // Every address of an IPv6 network belongs to the provider, temporary ones (RFC 4941) included.
  const from = family === 6 && network !== undefined && !shared ? network : place.address;
  // `suppress_prefixlength` passes over a default but not over an unreachable one, which ends the look-up: with
  // `rp_filter` in force (2 in `conf.all` on Ubuntu) the answers to our checks would be dropped, and no recovery seen.
  const others = { ...none, pref: firstPref + 2, from, table: mainTable, suppressPrefixLength: 0 };
  return [
    bound,
    ...(network === undefined ? [] : [{ ...none, pref: firstPref + 1, from, to: network }]),
    ...(blocked && family === 4 ? [] : [others]),
    { ...none, pref: firstPref + 3, from },
  ];
}

/** Two providers with one local address ask for the same look-up in `main`: the kernel takes a rule once. */
function distinct(rules: readonly Rule[]): Rule[] {
  return [...new Map(rules.map((rule) => [`${rule.family} ${spellRule(rule).join(' ')}`, rule])).values()];
}
