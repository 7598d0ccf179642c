import type { DefaultRoute } from '../../../models/link.ts';
import { type Family, families, pathKey } from '../../../models/path.ts';
import { mainTable } from '../../../models/route.ts';
import { familyName } from '../format.ts';
import type { State } from '../state/state.ts';
import { competition } from './competition.ts';

/** What in the kernel keeps our choice from taking effect, a sentence each, with what to do about it. */
export function drift(state: State): readonly string[] {
  return [...families.flatMap((family) => foreignDefaults(state, family)), ...competition(state)];
}

function foreignDefaults(state: State, family: Family): string[] {
  const [active] = state.active[family];
  // Where rules lead to a table of our own, no default in `main` matters.
  if (state.links === undefined || active === undefined || state.config.layout === 'table') return [];
  const binding = state.paths.get(pathKey(active, family))?.binding;
  const { startMetric, frr } = state.config;
  const inMain = state.links.defaults.filter((route) => route.family === family && route.table === mainTable);
  if (frr !== undefined)
    return inMain
      .filter(({ metric }) => distanceOf(metric) < startMetric)
      .map((route) => beforeFrr(route, active));
  return inMain
    .filter(({ metric }) => metric <= startMetric)
    .map((route) => {
      const same =
        binding !== undefined &&
        route.interfaceName === binding.interfaceName &&
        route.gateway === binding.gateway;
      return same ? agrees(route, startMetric) : prevails(route, active, startMetric);
    });
}

/** The distance that zebra gives a kernel route: the first byte of its metric (seen on FRR 8.4). */
function distanceOf(metric: number): number {
  return Math.floor(metric / 2 ** 24);
}

function beforeFrr(route: DefaultRoute, active: string): string {
  return `${describe(route)} is not ours and prevails over ${active}, as zebra prefers it to our static routes: remove it, or see that it is not made`;
}

function agrees(route: DefaultRoute, startMetric: number): string {
  return `${describe(route)} is not ours and prevails; it agrees with our choice now, but will not follow a failover: ${remedy(startMetric)}`;
}

function prevails(route: DefaultRoute, active: string, startMetric: number): string {
  return `${describe(route)} is not ours and prevails over ${active}: ${remedy(startMetric)}`;
}

function remedy(startMetric: number): string {
  return `remove it, give it a metric above ${startMetric}, set startMetric below it, or set layout: 'table'`;
}

function describe({ family, gateway, interfaceName, metric, protocol }: DefaultRoute): string {
  const via = gateway === undefined ? '' : ` via ${gateway}`;
  return `${familyName(family)} default${via} dev ${interfaceName} metric ${metric} (proto ${protocol})`;
}
