import { contains } from '../../models/address.ts';
import type { Config } from '../../models/config.ts';
import type { Links } from '../../models/link.ts';
import { type Family, families, pathKey } from '../../models/path.ts';
import type { Provider } from '../../models/provider.ts';
import { type KernelRoutes, mainTable, type Nexthop, type Route } from '../../models/route.ts';
import { chooseAddress } from './binding/choose-address.ts';
import { numbersInTables } from './binding/device-numbers.ts';
import { expand } from './binding/pattern-providers.ts';
import { type Memory, type Remembered, unknownPath } from './state/memory.ts';

/**
 * What is known at a start: an earlier run's memory, completed from the routes in the kernel. Without a
 * memory, the provider that carries the traffic now, through our own default route or else through a foreign
 * one, is the current choice, so that a first start moves nothing.
 */
export function recoverMemory(
  written: Config,
  own: KernelRoutes,
  links: Links,
  memory: Memory | undefined,
): Memory {
  const given = new Map(Object.entries({ ...numbersInTables(written, own.routes), ...memory?.numbers }));
  const { config, numbers } = expand(written, { links, numbers: given, members: new Set() });
  const known = new Map(memory?.paths.map((path) => [path.key, path]));
  for (const provider of config.providers) {
    for (const family of families) {
      const key = pathKey(provider.id, family);
      const remembered = known.get(key)?.remembered ?? fromOwnTable(own, links, provider, family);
      if (remembered !== undefined) known.set(key, { ...(known.get(key) ?? unknownPath(key)), remembered });
    }
  }
  const ids = new Set(config.providers.map(({ id }) => id));
  const active = (family: Family): readonly string[] => {
    const earlier = memory?.active[family].filter((id) => ids.has(id)) ?? [];
    return earlier.length > 0 ? earlier : present(config, own, links, family);
  };
  return {
    active: { 4: active(4), 6: active(6) },
    paths: [...known.values()],
    numbers: Object.fromEntries(numbers),
    ...(memory?.loads && { loads: memory.loads }),
    ...(memory?.leases && { leases: memory.leases }),
    ...(memory?.claims && { claims: memory.claims }),
  };
}

type NextHop = { readonly dev: string | undefined; readonly gateway: string | undefined };

/** The providers of the default route that wins: in our own table, or in `main`. */
function present(config: Config, own: KernelRoutes, links: Links, family: Family): string[] {
  const table = config.layout === 'table' ? config.activeTableId : mainTable;
  const isDefault = (route: Route): boolean => route.family === family && route.dst === 'default';
  const [ours] = own.routes
    .filter((route) => isDefault(route) && [table, mainTable].includes(route.table))
    .sort((a, b) => Number(a.table !== table) - Number(b.table !== table) || a.metric - b.metric);
  const [foreign] = links.defaults
    .filter((route) => route.family === family && route.table === mainTable)
    .sort((a, b) => a.metric - b.metric);
  const theirs = foreign === undefined ? [] : [{ dev: foreign.interfaceName, gateway: foreign.gateway }];
  const hops = ours === undefined ? theirs : nextHopsOf(ours, own.nexthops ?? []);
  return [...new Set(hops.flatMap((hop) => providerOf(config, hop, family) ?? []))];
}

/** Where a route leads: its own next hop, those of a multipath route, or those of a nexthop object. */
function nextHopsOf(route: Route, nexthops: readonly Nexthop[]): readonly NextHop[] {
  if (route.hops !== undefined) return route.hops;
  return route.nhid === undefined ? [route] : hopsOfNexthop(route.nhid, nexthops);
}

function hopsOfNexthop(id: number, nexthops: readonly Nexthop[]): readonly NextHop[] {
  const nexthop = nexthops.find((other) => other.id === id);
  if (nexthop === undefined) return [];
  return 'members' in nexthop
    ? nexthop.members.flatMap((member) => hopsOfNexthop(member.id, nexthops))
    : [nexthop];
}

function providerOf({ providers }: Config, { dev, gateway }: NextHop, family: Family): string | undefined {
  const through = providers.filter(({ interfaceName, enabled }) => enabled && interfaceName === dev);
  const exact = through.find(({ addressing }) => addressing[family].gateway === gateway);
  return (exact ?? through[0])?.id;
}

/** Network and gateway of a provider whose DHCP lease or router advertisement may have expired. */
function fromOwnTable(
  { routes }: KernelRoutes,
  { links }: Links,
  { rtTableId, interfaceName, addressing }: Provider,
  family: Family,
): Remembered | undefined {
  const own = routes.filter(
    (route) => route.table === rtTableId && route.family === family && route.type === 'unicast',
  );
  const route = own.find(({ dst }) => dst === 'default');
  const { address: configured, gateway: setting } = addressing[family];
  if (route === undefined || (route.gateway === undefined && setting !== 'auto')) return undefined;
  const { gateway, src } = route;
  const link = links.find(({ name }) => name === interfaceName);
  // Our IPv6 routes have no preferred source.
  const address =
    src ?? (link && chooseAddress(link, family, { configured, gateway, current: src })?.address);
  if (address === undefined) return undefined;
  const network = own.find(({ dst }) => dst !== 'default' && contains(dst, address))?.dst;
  return { address, network, gateway, ...(gateway === undefined && { isDirect: true }) };
}
