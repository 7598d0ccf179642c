/**
 * The operations that turn `actual` into `desired`, in the order to run them: make before break.
 *
 *   1  routes of our own tables   nobody is sent there yet
 *   2  rules                      the tables they point to are complete
 *   3  main's routes              best metric first: the first line of a promotion moves the traffic
 *   4  deletions                  main's routes, worst metric first: no second-best carries traffic for an instant;
 *                                 rules, then the routes of tables nobody is sent to any more
 */
import { type KernelRoutes, mainTable, type Operation, type Route, type Rule } from '../../models/route.ts';
import { spellRoute, spellRule } from './spell.ts';

export function diff(desired: KernelRoutes, actual: KernelRoutes): readonly Operation[] {
  const routes = changedRoutes(desired.routes, actual.routes);
  const stale = staleRoutes(desired.routes, actual.routes);
  const inMain = ({ route }: { route: Route }): boolean => route.table === mainTable;
  const notInMain = (operation: { route: Route }): boolean => !inMain(operation);
  return [
    ...routes.filter(notInMain),
    ...changedRules(desired.rules, actual.rules).map((rule) => ({ action: 'add' as const, rule })),
    ...routes.filter(inMain).sort((a, b) => a.route.metric - b.route.metric),
    ...stale.filter(inMain).sort((a, b) => b.route.metric - a.route.metric),
    ...changedRules(actual.rules, desired.rules).map((rule) => ({ action: 'delete' as const, rule })),
    ...stale.filter(notInMain),
  ];
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
function changedRules(left: readonly Rule[], right: readonly Rule[]): Rule[] {
  const present = new Set(right.map((rule) => `${rule.family} ${spellRule(rule).join(' ')}`));
  return left.filter((rule) => !present.has(`${rule.family} ${spellRule(rule).join(' ')}`));
}

function identity(route: Route): string {
  return `${route.family} ${spellRoute(route).join(' ')}`;
}
