/**
 * The routes and rules that a state calls for: per provider a table of its own and the rules that lead to it,
 * and the active routes in the layout the operator chose.
 */
import type { KernelRoutes, Rule } from '../../../models/route.ts';
import { hasUniqueSource, sharedSources, usesMark } from '../binding/shared-source.ts';
import type { State } from '../state/state.ts';
import { activeRoutes } from './active-routes.ts';
import { deviceOwners } from './device-networks.ts';
import { ownTable } from './provider-routes.ts';
import { providerRules } from './provider-rules.ts';
import { spellRule } from './spell.ts';

/** The desired routes and rules; `undefined` until the kernel's devices have been read. */
export function desired(state: State): KernelRoutes | undefined {
  if (state.links === undefined) return undefined;
  const { routes, rules, nexthops = [] } = activeRoutes(state);
  const paths = [...state.paths.values()].filter(({ expected }) => expected);
  const shared = sharedSources(paths);
  const distinguished = new Set(paths.filter((path) => hasUniqueSource(path, shared)));
  const used = paths.filter((path) => distinguished.has(path) || usesMark(state, path, shared));
  const owners = deviceOwners(paths, distinguished, state.links);
  return {
    routes: [...used.flatMap((path) => ownTable(path, owners.get(path)?.link)), ...routes],
    rules: distinct([...providerRules(state, routes, owners), ...rules]),
    ...(nexthops.length === 0 ? {} : { nexthops }),
  };
}

/** Providers with the same local address call for the same rule for `main`; the kernel takes it once. */
function distinct(rules: readonly Rule[]): Rule[] {
  return [...new Map(rules.map((rule) => [`${rule.family} ${spellRule(rule).join(' ')}`, rule])).values()];
}
