import type { Family } from '../../models/path.ts';
import {
  type KernelRoutes,
  mainTable,
  type Nexthop,
  type Operation,
  type Route,
  type Rule,
} from '../../models/route.ts';
import { routeKey } from '../../src/core/routes/diff.ts';
import { spellNexthop, spellRoute, spellRule } from '../../src/core/routes/spell.ts';

interface Held {
  readonly route: Route;
  readonly isOurs: boolean;
}

/**
 * Routes and rules by the kernel's own rules of identity: one route per family, table, destination and metric,
 * whoever made it; `add` fails where there is one, `replace` takes whatever is there, `delete` wants the same words.
 */
export class FakeKernel {
  readonly #routes = new Map<string, Held>();
  readonly #rules = new Map<string, Rule>();
  readonly #nexthops = new Map<number, Nexthop>();

  constructor(own: KernelRoutes, foreign: readonly Route[] = []) {
    for (const route of foreign) this.#routes.set(routeKey(route), { route, isOurs: false });
    for (const nexthop of own.nexthops ?? []) this.#applyNexthop('add', nexthop);
    for (const route of own.routes) this.#add(route);
    for (const rule of own.rules) this.apply({ action: 'add', rule });
  }

  /** Does one operation, as `ip` would. @throws {Error} EEXIST, ENOENT, or when it would change what is not ours */
  apply(operation: Operation): void {
    if ('rule' in operation) this.#applyRule(operation.action, operation.rule);
    else if ('nexthop' in operation) this.#applyNexthop(operation.action, operation.nexthop);
    else this.#applyRoute(operation.action, operation.route);
  }

  /** What a reading of our own routes and rules finds. */
  own(): KernelRoutes {
    const held = [...this.#routes.values()].filter(({ isOurs }) => isOurs);
    return {
      routes: held.map(({ route }) => route),
      rules: [...this.#rules.values()],
      nexthops: [...this.#nexthops.values()],
    };
  }

  /** Everybody else's routes. */
  foreign(): Route[] {
    return [...this.#routes.values()].filter(({ isOurs }) => !isOurs).map(({ route }) => route);
  }

  /** The family and table pairs that have a default route, ours or not: `'4 254'`. */
  tablesWithDefault(): Set<string> {
    const defaults = [...this.#routes.values()].filter(({ route }) => route.dst === 'default');
    return new Set(defaults.map(({ route }) => `${route.family} ${route.table}`));
  }

  /** The default routes of a family in `main`, the one that the kernel uses first. */
  defaults(family: Family): readonly { readonly route: Route; readonly isOurs: boolean }[] {
    return [...this.#routes.values()]
      .filter(({ route }) => route.family === family && route.table === mainTable && route.dst === 'default')
      .sort((a, b) => a.route.metric - b.route.metric);
  }

  /** Somebody else adds a route. */
  addForeign(route: Route): void {
    if (!this.#routes.has(routeKey(route))) this.#routes.set(routeKey(route), { route, isOurs: false });
  }

  /** Somebody else deletes routes, ours or not, as the kernel does with those of a device that goes. */
  deleteRoutes(fits: (route: Route, isOurs: boolean) => boolean): void {
    for (const [key, { route, isOurs }] of this.#routes) if (fits(route, isOurs)) this.#routes.delete(key);
  }

  /** Somebody else deletes our rules. */
  deleteRules(): void {
    this.#rules.clear();
  }

  /** Whether a family has a default route in `main`. */
  hasDefault(family: Family): boolean {
    return this.tablesWithDefault().has(`${family} ${mainTable}`);
  }

  /** All routes and rules as sorted lines, to compare. */
  toLines(): string[] {
    return sortedLines(this.own());
  }

  #applyRoute(action: 'add' | 'replace' | 'delete', route: Route): void {
    if (route.nhid !== undefined && !this.#nexthops.has(route.nhid))
      throw new Error(`EINVAL: ${words(route)}`);
    const key = routeKey(route);
    const present = this.#routes.get(key);
    if (present?.isOurs === false) throw new Error(`not ours: ${action} ${words(route)}`);
    if (action === 'add') this.#add(route);
    else if (action === 'replace') this.#routes.set(key, { route, isOurs: true });
    else if (present === undefined || words(present.route) !== words(route)) {
      throw new Error(`ENOENT: ${words(route)}`);
    } else this.#routes.delete(key);
  }

  #add(route: Route): void {
    if (this.#routes.has(routeKey(route))) throw new Error(`EEXIST: ${words(route)}`);
    this.#routes.set(routeKey(route), { route, isOurs: true });
  }

  /** A group needs its members, a route its object; with an object go the routes that lead to it. */
  #applyNexthop(action: 'add' | 'replace' | 'delete', nexthop: Nexthop): void {
    const isThere = this.#nexthops.has(nexthop.id);
    if (action === 'add' && isThere) throw new Error(`EEXIST: nexthop ${nexthop.id}`);
    if (action === 'delete' && !isThere) throw new Error(`ENOENT: nexthop ${nexthop.id}`);
    const members = 'members' in nexthop ? nexthop.members : [];
    if (action === 'delete') this.#forget(nexthop.id);
    else if (members.every(({ id }) => this.#nexthops.has(id))) this.#nexthops.set(nexthop.id, nexthop);
    else throw new Error(`EINVAL: group ${nexthop.id}`);
  }

  #forget(id: number): void {
    this.#nexthops.delete(id);
    for (const [key, { route }] of this.#routes) if (route.nhid === id) this.#routes.delete(key);
    for (const group of this.#nexthops.values()) {
      if (!('members' in group) || !group.members.some((member) => member.id === id)) continue;
      const members = group.members.filter((member) => member.id !== id);
      if (members.length === 0) this.#forget(group.id);
      else this.#nexthops.set(group.id, { ...group, members });
    }
  }

  #applyRule(action: 'add' | 'delete', rule: Rule): void {
    const key = `${rule.family} ${spellRule(rule).join(' ')}`;
    if (action === 'add' && this.#rules.has(key)) throw new Error(`EEXIST: rule ${key}`);
    if (action === 'delete' && !this.#rules.has(key)) throw new Error(`ENOENT: rule ${key}`);
    if (action === 'add') this.#rules.set(key, rule);
    else this.#rules.delete(key);
  }
}

/** Routes and rules as sorted lines, to compare. */
export function sortedLines({ routes, rules, nexthops = [] }: KernelRoutes): string[] {
  const lines = [
    ...nexthops.map((nexthop) => `nexthop ${spellNexthop(nexthop).join(' ')}`),
    ...routes.map(words),
    ...rules.map((rule) => `-${rule.family} rule ${spellRule(rule).join(' ')}`),
  ];
  return lines.sort();
}

function words(route: Route): string {
  return `-${route.family} ${spellRoute(route).join(' ')}`;
}
