/**
 * The routes for traffic that is not bound to a provider. Layout `metrics`: in `main`, a default per
 * provider, those with new traffic at `startMetric`, the others after it. Layout `table`: in a table of our
 * own, for each managed prefix, a route through the providers with new traffic and one through the next in
 * line.
 */
import type { Config } from '../../../models/config.ts';
import { type Family, families } from '../../../models/path.ts';
import { canShare } from '../../../models/provider.ts';
import {
  type KernelRoutes,
  lastPreference,
  mainPreference,
  mainTable,
  type Nexthop,
  type Route,
  type Rule,
} from '../../../models/route.ts';
import type { State } from '../state/state.ts';
import { groupId, isUsable, nexthops, usesNexthops } from './nexthops.ts';
import { blank, defaultRoute, nextHop, unreachable } from './provider-routes.ts';
import { type RoutablePath, rankPaths } from './route-order.ts';

const mostHops = 200; // of a multipath route; `ip` has 4096 bytes for them (iproute2 6.1, iproute.c)
const ruleOffset = 10; // from `rulePreference`, after the rules of the providers

/** Active routes, the nexthop objects they use and the rules that lead to them. */
export function activeRoutes(state: State): KernelRoutes {
  const parts = families.map((family) => ofFamily(state, family));
  return {
    routes: parts.flatMap(({ routes }) => routes),
    nexthops: parts.flatMap(({ nexthops }) => nexthops),
    rules: state.config.layout === 'table' ? families.flatMap((family) => tableRules(state, family)) : [],
  };
}

/** The metrics for our defaults: from `startMetric` on, skipping those of foreign defaults. */
export function* freeMetrics(state: State, family: Family): Generator<number> {
  const taken = new Set(
    state.links?.defaults
      .filter((route) => route.family === family && route.table === mainTable)
      .map(({ metric }) => metric),
  );
  const inOurTable = state.config.layout === 'table';
  for (let metric = state.config.startMetric; ; metric += 1)
    if (inOurTable || !taken.has(metric)) yield metric;
}

interface Part {
  readonly routes: readonly Route[];
  readonly nexthops: readonly Nexthop[];
}

/** The paths of each rank, and the metric of each rank. */
interface Plan {
  readonly family: Family;
  readonly table: number;
  readonly ranks: readonly (readonly RoutablePath[])[];
  readonly metrics: readonly number[];
  readonly grouped: boolean; // routes may lead through nexthop groups
}

function ofFamily(state: State, family: Family): Part {
  const { config } = state;
  const table = config.layout === 'table' ? config.activeTableId : mainTable;
  const prefixes = managed(config.routes, family);
  const free = freeMetrics(state, family);
  if (isUnserved(state, family)) {
    const metric: number = free.next().value;
    const isBlocked = config.allDown === 'unreachable' && anyExpected(state, family);
    return {
      nexthops: [],
      routes: isBlocked ? prefixes.map((dst) => ({ ...unreachable(family, table, metric), dst })) : [],
    };
  }
  const { first, next } = rankPaths(state, family);
  const ordered = [first, ...next.map((path) => [path])];
  const metrics = ordered.map((): number => free.next().value);
  const plan = { family, table, ranks: ordered, metrics, grouped: usesNexthops(config) };
  const routes = ordered.flatMap((_, rank) => rankRoutes(state, plan, prefixes, rank));
  return { routes, nexthops: objects(state, plan) };
}

/** Whether no provider is to carry a family's traffic: all are down, and `allDown` keeps none of them. */
function isUnserved({ allDown, active, config }: State, family: Family): boolean {
  return allDown[family] && active[family].length === 0 && config.allDown !== 'keep';
}

function managed(routes: readonly string[], family: Family): readonly string[] {
  return routes.filter((dst) => dst === 'default' || dst.includes(':') === (family === 6));
}

/**
 * The routes of one rank. In `main` there is a default for every rank, so that the kernel itself skips a link
 * without carrier; other prefixes and tables have only the first two ranks.
 */
function rankRoutes(state: State, plan: Plan, prefixes: readonly string[], rank: number): Route[] {
  const { config, groupedRoutes } = state;
  const { family, table, ranks, metrics } = plan;
  const place = blank(family, table, metrics[rank] ?? 0);
  const paths = ranks[rank] ?? [];
  const here = prefixes.filter((dst) => rank < 2 || (table === mainTable && dst === 'default'));
  const grouped = here.filter((dst) => hasGroup(config, plan, dst, rank));
  const nhid = groupId(config, family, rank);
  return [
    ...here.flatMap((dst) =>
      hasGroup(config, plan, dst, rank) ? [] : (rankRoute({ ...place, dst }, paths) ?? []),
    ),
    ...(grouped.length > 0 && paths.some(isUsable)
      ? groupedRoutes.of(config, { ...place, nhid }, grouped)
      : []),
  ];
}

function rankRoute(place: Route, paths: readonly RoutablePath[]): Route | undefined {
  const usable = paths.length > 1 ? paths.filter(isUsable) : paths;
  const [only] = usable;
  if (only === undefined) return undefined;
  if (usable.length === 1) {
    const { table, metric, family, dst } = place;
    return { ...defaultRoute(family, only.binding, table, metric), dst };
  }
  const hops = usable
    .slice(0, mostHops)
    .map(({ binding, provider }) => ({ ...nextHop(binding), weight: provider.weight }));
  return { ...place, hops };
}

/** In `main`, a group is needed only where traffic is shared or many routes move at once. */
function hasGroup(config: Config, { grouped, table }: Plan, dst: string, rank: number): boolean {
  if (!grouped) return false;
  return (
    table !== mainTable ||
    dst !== 'default' ||
    (rank === 0 && (canShare(config.providers) || config.routes.length > 1))
  );
}

function objects({ config }: State, { family, table, ranks, grouped }: Plan): Nexthop[] {
  if (!grouped) return [];
  const depth =
    table !== mainTable || managed(config.routes, family).some((dst) => dst !== 'default') ? 2 : 1;
  return nexthops(config, family, ranks.slice(0, depth));
}

function anyExpected(state: State, family: Family): boolean {
  return [...state.paths.values()].some((path) => path.family === family && path.expected);
}

/**
 * More specific routes of `main` (LAN, VPN) come first; excluded destinations skip our table; a destination without a
 * route in our table falls through to `main`. Unless the operator gave them another place, these rules come last of all:
 * a VPN that takes all traffic gets a lower preference whether it starts before us or after (decision 29). All share
 * one preference then, and the kernel keeps them in the order in which they were added.
 */
function tableRules(state: State, family: Family): Rule[] {
  if (!anyExpected(state, family)) return [];
  const { activeTableId, excludes } = state.config;
  const { knownToMain, excluded, active, rest } = activePreferences(state.config);
  const any = { family, from: undefined, oif: undefined, to: undefined, suppressPrefixLength: undefined };
  const networks = excludes.filter((network) => network.includes(':') === (family === 6));
  return [
    ...networks.map((to): Rule => ({ ...any, pref: excluded, to, table: undefined, goto: rest })),
    { ...any, pref: knownToMain, table: mainTable, suppressPrefixLength: 0 },
    { ...any, pref: active, table: activeTableId },
    ...(networks.length === 0 ? [] : [{ ...any, pref: rest, table: mainTable }]),
  ];
}

/** The preferences of the rules that lead to the active routes, in layout `table`. */
export function activePreferences({
  open,
  rulePreference,
}: Config): Record<'knownToMain' | 'excluded' | 'active' | 'rest', number> {
  if (open?.rulePreference) {
    const [last, rest] = [lastPreference, mainPreference];
    return { knownToMain: last, excluded: last, active: last, rest };
  }
  const first = rulePreference + ruleOffset;
  return { knownToMain: first, excluded: first + 1, active: first + 2, rest: first + 3 };
}
