/**
 * The operations that turn `actual` into `desired`, in the order to run them: make before break.
 *
 *   1  nexthop objects        before the groups they are in: one line for a group moves all its routes
 *   2  routes of our tables   best metric first; no rule leads to new tables yet
 *   3  rules                  the tables they point to are complete; a `goto` after its target and before the
 *                             rule it skips; at the last preference, those that must come after a new one again
 *   4  main's routes          best metric first: the first line of a promotion moves the traffic
 *   5  groups of backups     whose routes carry the traffic until a better one is put back: the kernel removes
 *                             routes and groups of a device that goes down
 *   6  deletions              main's routes, worst metric first: no second-best ever carries traffic;
 *                             then rules, those that lead to our tables before those that skip them; then
 *                             routes of tables that no rule leads to any more; then nexthop objects, with
 *                             which the kernel would delete their routes
 */
import {
  type KernelRoutes,
  mainTable,
  type Nexthop,
  type Operation,
  type Route,
  type Rule,
} from '../../../models/route.ts';
import { changedRules } from './rule-order.ts';
import { spellNexthop, spellRoute } from './spell.ts';

export function diff(desired: KernelRoutes, actual: KernelRoutes): readonly Operation[] {
  const missingRoutes = without(desired.routes, actual.routes);
  const extraRoutes = without(actual.routes, desired.routes);
  const routes = changedRoutes(missingRoutes, extraRoutes);
  const stale = staleRoutes(missingRoutes, extraRoutes);
  const inMain = ({ route }: { route: Route }): boolean => route.table === mainTable;
  const notInMain = (operation: { route: Route }): boolean => !inMain(operation);
  const byMetric = (a: RouteOperation, b: RouteOperation): number => a.route.metric - b.route.metric;
  const nexthops = changedNexthops(desired.nexthops ?? [], actual.nexthops ?? []);
  const rules = changedRules(desired.rules, actual.rules);
  const inUse = groupsInUse(desired.routes, routes, nexthops);
  const isInUse = (operation: NexthopOperation): boolean => inUse.has(operation.nexthop.id);
  return [
    ...nexthops.filter((operation) => !isInUse(operation)),
    ...routes.filter(notInMain).sort(byMetric),
    ...rules.moved.map(asDeletion),
    ...rules.added.map(asAddition),
    ...routes.filter(inMain).sort(byMetric),
    ...nexthops.filter(isInUse),
    ...stale.filter(inMain).sort((a, b) => byMetric(b, a)),
    ...rules.removed.map(asDeletion),
    ...stale.filter(notInMain),
    ...staleNexthops(desired.nexthops ?? [], actual.nexthops ?? []),
  ];
}

/** The routes not in both lists as objects: thousands of unchanged ones need not be spelled out. */
function without(routes: readonly Route[], others: readonly Route[]): readonly Route[] {
  const same = new Set(others);
  return routes.filter((route) => !same.has(route));
}

interface RouteOperation {
  readonly action: 'add' | 'replace' | 'delete';
  readonly route: Route;
}

/** What the kernel considers the same route: `replace` with another metric adds a second one. */
export function routeKey({ family, table, dst, metric }: Route): string {
  return `${family} ${table} ${dst} ${metric}`;
}

function changedRoutes(desired: readonly Route[], actual: readonly Route[]): RouteOperation[] {
  const have = new Map(actual.map((route) => [routeKey(route), identity(route)]));
  return desired.flatMap((route): RouteOperation[] => {
    const present = have.get(routeKey(route));
    if (present === identity(route)) return [];
    // `add` where we have no route: if a foreign route is there, it fails instead of replacing that.
    return [{ action: present === undefined ? 'add' : 'replace', route }];
  });
}

function staleRoutes(desired: readonly Route[], actual: readonly Route[]): RouteOperation[] {
  const kept = new Set(desired.map(routeKey));
  return actual.filter((route) => !kept.has(routeKey(route))).map((route) => ({ action: 'delete', route }));
}

function asAddition(rule: Rule): Operation {
  return { action: 'add', rule };
}

function asDeletion(rule: Rule): Operation {
  return { action: 'delete', rule };
}

interface NexthopOperation {
  readonly action: 'add' | 'replace' | 'delete';
  readonly nexthop: Nexthop;
}

/** The ids of the groups to be replaced whose routes are in use as long as better ones are missing. */
function groupsInUse(
  desired: readonly Route[],
  changed: readonly RouteOperation[],
  nexthops: readonly NexthopOperation[],
): ReadonlySet<number> {
  const replaced = new Set(
    nexthops.filter(({ action }) => action === 'replace').map(({ nexthop }) => nexthop.id),
  );
  const inUse = new Set<number>();
  if (replaced.size === 0 || changed.length === 0) return inUse;
  const best = new Map<string, number>();
  for (const { route } of changed) {
    const place = `${route.family} ${route.table}`;
    best.set(place, Math.min(best.get(place) ?? Number.POSITIVE_INFINITY, route.metric));
  }
  for (const { family, table, metric, nhid } of desired) {
    if (nhid === undefined || !replaced.has(nhid)) continue;
    if (metric > (best.get(`${family} ${table}`) ?? Number.POSITIVE_INFINITY)) inUse.add(nhid);
  }
  return inUse;
}

function changedNexthops(desired: readonly Nexthop[], actual: readonly Nexthop[]): NexthopOperation[] {
  const have = new Map(actual.map((nexthop) => [nexthop.id, spellNexthop(nexthop).join(' ')]));
  const changed = desired.filter((nexthop) => have.get(nexthop.id) !== spellNexthop(nexthop).join(' '));
  return changed
    .sort((a, b) => Number('members' in a) - Number('members' in b))
    .map((nexthop) => ({ action: have.has(nexthop.id) ? 'replace' : 'add', nexthop }));
}

/** Groups before their members, which the kernel would otherwise remove from the group one by one. */
function staleNexthops(desired: readonly Nexthop[], actual: readonly Nexthop[]): Operation[] {
  const kept = new Set(desired.map(({ id }) => id));
  return actual
    .filter(({ id }) => !kept.has(id))
    .sort((a, b) => Number('members' in b) - Number('members' in a))
    .map((nexthop) => ({ action: 'delete', nexthop }));
}

function identity(route: Route): string {
  return `${route.family} ${spellRoute(route).join(' ')}`;
}
