/**
 * The operations that turn `actual` into `desired`, in the order to run them: make before break.
 *
 *   1  nexthop objects            ways before the groups they are in: one line of a group moves the traffic of all its routes
 *   2  routes of our own tables   best metric first; nobody is sent to new ones yet
 *   3  rules                      the tables they point to are complete; a `goto` after its end, and before the rule it
 *                                 steps over
 *   4  main's routes              best metric first: the first line of a promotion moves the traffic
 *   5  deletions                  main's routes, worst metric first: no second-best carries traffic for an instant;
 *                                 rules, those that send to our tables before those that spare them;
 *                                 then the routes of tables nobody is sent to any more, then nexthop objects, which
 *                                 would take their routes with them
 */
import {
  type KernelRoutes,
  mainTable,
  type Nexthop,
  type Operation,
  type Route,
  type Rule,
} from '../../../models/route.ts';
import { spellNexthop, spellRoute, spellRule } from './spell.ts';

export function diff(desired: KernelRoutes, actual: KernelRoutes): readonly Operation[] {
  const wanted = without(desired.routes, actual.routes);
  const found = without(actual.routes, desired.routes);
  const routes = changedRoutes(wanted, found);
  const stale = staleRoutes(wanted, found);
  const inMain = ({ route }: { route: Route }): boolean => route.table === mainTable;
  const notInMain = (operation: { route: Route }): boolean => !inMain(operation);
  const byMetric = (a: RouteOperation, b: RouteOperation): number => a.route.metric - b.route.metric;
  return [
    ...changedNexthops(desired.nexthops ?? [], actual.nexthops ?? []),
    ...routes.filter(notInMain).sort(byMetric),
    ...missing(desired.rules, actual.rules).sort(goalsFirst).map(asAddition),
    ...routes.filter(inMain).sort(byMetric),
    ...stale.filter(inMain).sort((a, b) => byMetric(b, a)),
    ...missing(actual.rules, desired.rules).sort(sendersFirst).map(asDeletion),
    ...stale.filter(notInMain),
    ...staleNexthops(desired.nexthops ?? [], actual.nexthops ?? []),
  ];
}

/** Those of `routes` that are not, as objects, in both: thousands that nobody touched need not be spelled out to be compared. */
function without(routes: readonly Route[], others: readonly Route[]): readonly Route[] {
  const same = new Set(others);
  return routes.filter((route) => !same.has(route));
}

interface RouteOperation {
  readonly action: 'add' | 'replace' | 'delete';
  readonly route: Route;
}

/** What the kernel calls the same route: `replace` with another metric adds a second one. */
export function routeKey({ family, table, dst, metric }: Route): string {
  return `${family} ${table} ${dst} ${metric}`;
}

function changedRoutes(desired: readonly Route[], actual: readonly Route[]): RouteOperation[] {
  const have = new Map(actual.map((route) => [routeKey(route), identity(route)]));
  return desired.flatMap((route): RouteOperation[] => {
    const present = have.get(routeKey(route));
    if (present === identity(route)) return [];
    // `add` where nothing of ours is: it fails, instead of replacing, when someone else's route is there.
    return [{ action: present === undefined ? 'add' : 'replace', route }];
  });
}

function staleRoutes(desired: readonly Route[], actual: readonly Route[]): RouteOperation[] {
  const wanted = new Set(desired.map(routeKey));
  return actual.filter((route) => !wanted.has(routeKey(route))).map((route) => ({ action: 'delete', route }));
}

/** Rules of `left` that `right` lacks. Rules have no content beside their identity. */
function missing(left: readonly Rule[], right: readonly Rule[]): Rule[] {
  const present = new Set(right.map((rule) => `${rule.family} ${spellRule(rule).join(' ')}`));
  return left.filter((rule) => !present.has(`${rule.family} ${spellRule(rule).join(' ')}`));
}

function asAddition(rule: Rule): Operation {
  return { action: 'add', rule };
}

function asDeletion(rule: Rule): Operation {
  return { action: 'delete', rule };
}

/** The end of a `goto` before those who go there, and they before the rule they step over. */
function goalsFirst(a: Rule, b: Rule): number {
  return place(a) - place(b);
}

/** The rule that is stepped over before those who step over it, and the end of a `goto` last. */
function sendersFirst(a: Rule, b: Rule): number {
  return place(b) - place(a);
}

function place({ goto, table, suppressPrefixLength }: Rule): 0 | 1 | 2 {
  if (goto !== undefined) return 1;
  return table === mainTable && suppressPrefixLength === undefined ? 0 : 2;
}

function changedNexthops(desired: readonly Nexthop[], actual: readonly Nexthop[]): Operation[] {
  const have = new Map(actual.map((nexthop) => [nexthop.id, spellNexthop(nexthop).join(' ')]));
  const changed = desired.filter((nexthop) => have.get(nexthop.id) !== spellNexthop(nexthop).join(' '));
  return changed
    .sort((a, b) => Number('members' in a) - Number('members' in b))
    .map((nexthop) => ({ action: have.has(nexthop.id) ? 'replace' : 'add', nexthop }));
}

/** Groups before their members: the kernel would take those out one by one. */
function staleNexthops(desired: readonly Nexthop[], actual: readonly Nexthop[]): Operation[] {
  const wanted = new Set(desired.map(({ id }) => id));
  return actual
    .filter(({ id }) => !wanted.has(id))
    .sort((a, b) => Number('members' in b) - Number('members' in a))
    .map((nexthop) => ({ action: 'delete', nexthop }));
}

function identity(route: Route): string {
  return `${route.family} ${spellRoute(route).join(' ')}`;
}
