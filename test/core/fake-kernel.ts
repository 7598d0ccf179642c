import type { Family } from '../../models/path.ts';
import { type KernelRoutes, mainTable, type Operation, type Route, type Rule } from '../../models/route.ts';
import { routeKey } from '../../src/core/diff.ts';
import { spellRoute, spellRule } from '../../src/core/spell.ts';

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

  constructor(own: KernelRoutes, foreign: readonly Route[] = []) {
    for (const route of foreign) this.#routes.set(routeKey(route), { route, isOurs: false });
    for (const route of own.routes) this.#add(route);
    for (const rule of own.rules) this.apply({ action: 'add', rule });
  }

  /** Does one operation, as `ip` would. @throws {Error} EEXIST, ENOENT, or when it would change what is not ours */
  apply(operation: Operation): void {
    if ('rule' in operation) this.#applyRule(operation.action, operation.rule);
    else this.#applyRoute(operation.action, operation.route);
  }

  /** What a reading of our own routes and rules finds. */
  own(): KernelRoutes {
    const held = [...this.#routes.values()].filter(({ isOurs }) => isOurs);
    return { routes: held.map(({ route }) => route), rules: [...this.#rules.values()] };
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

  /** Whether a family has a default route in `main`. */
  hasDefault(family: Family): boolean {
    return this.tablesWithDefault().has(`${family} ${mainTable}`);
  }

  /** All routes and rules as sorted lines, to compare. */
  toLines(): string[] {
    const { routes, rules } = this.own();
    return sortedLines({ routes, rules });
  }

  #applyRoute(action: 'add' | 'replace' | 'delete', route: Route): void {
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

  #applyRule(action: 'add' | 'delete', rule: Rule): void {
    const key = `${rule.family} ${spellRule(rule).join(' ')}`;
    if (action === 'add' && this.#rules.has(key)) throw new Error(`EEXIST: rule ${key}`);
    if (action === 'delete' && !this.#rules.has(key)) throw new Error(`ENOENT: rule ${key}`);
    if (action === 'add') this.#rules.set(key, rule);
    else this.#rules.delete(key);
  }
}

/** Routes and rules as sorted lines, to compare. */
export function sortedLines({ routes, rules }: KernelRoutes): string[] {
  const lines = [
    ...routes.map(words),
    ...rules.map((rule) => `-${rule.family} rule ${spellRule(rule).join(' ')}`),
  ];
  return lines.sort();
}

function words(route: Route): string {
  return `-${route.family} ${spellRoute(route).join(' ')}`;
}
