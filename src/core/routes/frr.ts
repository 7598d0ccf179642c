/**
 * Our routes of `main` as static routes of FRRouting: how they are spelled, which ones in its running
 * configuration are ours, and which lines make it as desired.
 *
 * staticd keeps each hop of a prefix once: given another distance, it moves, and `no ip route` removes it
 * whatever the distance (seen on FRR 8.4; FRRouting pull request 8730). All hops of a prefix at one distance
 * share one tag, the latest given. So prefix and hop are a route's identity, we never share a distance with
 * foreign routes, and never take a hop that a foreign route has.
 */
import type { Family } from '../../../models/path.ts';
import { type Hop, type KernelRoutes, mainTable, type Nexthop, type Route } from '../../../models/route.ts';

/** The largest distance that zebra installs: 255 means "never". */
export const maxDistance = 254;

const fallbackMetric = 0xff000000;

/** One hop of a static route. The prefix and the hop are its identity; equal distances share the traffic. */
export interface StaticRoute {
  readonly family: Family;
  readonly prefix: string; // CIDR; the default is '0.0.0.0/0' or '::/0'
  readonly hop: string; // '10.10.1.254 eth1', 'ppp0', or 'reject'
  readonly onlink: boolean; // the gateway is outside every connected network
  readonly distance: number; // 1..254, lower is preferred
}

/** A static route as found in the running configuration. */
export interface FoundStatic extends StaticRoute {
  readonly tag: number | undefined;
}

/** The static routes of a running configuration. */
export interface StaticRoutes {
  readonly ours: readonly FoundStatic[];
  readonly others: readonly StaticRoute[]; // with neither our tag nor a hop known to be ours
}

/** What to write, and what cannot be written. */
export interface StaticPlan {
  readonly lines: readonly string[]; // of configuration, in the order to apply them
  readonly blocked: readonly StaticRoute[]; // the hop is taken, or no distance is left
}

/** A static route as FRRouting writes it: `ip route 0.0.0.0/0 10.10.1.254 eth1 tag 77 100`. */
export function spellStatic(route: StaticRoute, tag: number | undefined): string {
  const { family, prefix, hop, onlink, distance } = route;
  return [
    family === 4 ? 'ip' : 'ipv6',
    'route',
    prefix,
    hop,
    ...(tag === undefined ? [] : ['tag', String(tag)]),
    ...(distance === 1 ? [] : [String(distance)]), // 1 is what a line without a distance means
    ...(onlink ? ['onlink'] : []),
  ].join(' ');
}

/** A line as a command to run by hand, for messages. */
export function spellVtysh(line: string, pathspace: string | undefined): string {
  return `vtysh${pathspace === undefined ? '' : ` -N ${pathspace}`} -c 'configure terminal' -c '${line}'`;
}

/**
 * Splits the desired routes: those of `main` go to FRRouting; the kernel gets the rest and, as a safety
 * net, the same routes at its highest metrics. They take over while zebra is missing, or has restarted and
 * forgotten its routes (10 s on FRR 8.4 if staticd kept running). zebra takes a metric's first byte as a
 * distance: 255 never competes with a static route.
 */
export function divide(desired: KernelRoutes): { kernel: KernelRoutes; statics: readonly StaticRoute[] } {
  const inMain = ({ table }: Route): boolean => table === mainTable;
  const routes = desired.routes.map((route) =>
    inMain(route) ? { ...route, metric: fallbackMetric + route.metric } : route,
  );
  const statics = desired.routes.filter(inMain).flatMap((route) => staticsOf(route, desired.nexthops ?? []));
  return { kernel: { ...desired, routes }, statics: distinct(statics) };
}

/** Two providers with the same gateway and device have the same hop: the better distance wins. */
function distinct(statics: readonly StaticRoute[]): readonly StaticRoute[] {
  const worstFirst = [...statics].sort((a, b) => b.distance - a.distance);
  const best = new Map(worstFirst.map((route) => [identity(route), route]));
  return statics.filter((route) => best.get(identity(route)) === route);
}

function staticsOf(route: Route, nexthops: readonly Nexthop[]): StaticRoute[] {
  const { family, metric } = route;
  const prefix = route.dst === 'default' ? anywhere(family) : route.dst;
  const one = { family, prefix, distance: Math.max(1, metric) };
  if (route.type === 'unreachable') return [{ ...one, hop: 'reject', onlink: false }];
  return hopsOf(route, nexthops).map(({ gateway, dev, onlink }) => ({
    ...one,
    hop: gateway === undefined ? dev : `${gateway} ${dev}`,
    onlink,
  }));
}

function hopsOf(route: Route, nexthops: readonly Nexthop[]): readonly Omit<Hop, 'weight'>[] {
  if (route.hops !== undefined) return route.hops;
  if (route.nhid !== undefined) return hopsOfNexthop(route.nhid, nexthops);
  const { gateway, dev, onlink } = route;
  return dev === undefined ? [] : [{ gateway, dev, onlink }];
}

function hopsOfNexthop(id: number, nexthops: readonly Nexthop[]): readonly Omit<Hop, 'weight'>[] {
  const found = nexthops.find((one) => one.id === id);
  if (found === undefined) return [];
  return 'members' in found ? found.members.flatMap((member) => hopsOfNexthop(member.id, nexthops)) : [found];
}

function anywhere(family: Family): string {
  return family === 4 ? '0.0.0.0/0' : '::/0';
}

/**
 * The static routes of `show running-config`, except those in `vrf` blocks and in tables other than `main`.
 * `known`: hops we wrote, which stay ours when their distance has been given another tag.
 */
export function readStatics(config: string, tag: number, known: readonly StaticRoute[] = []): StaticRoutes {
  const mine = new Set(known.map(identity));
  const ours: FoundStatic[] = [];
  const others: StaticRoute[] = [];
  for (const line of config.split('\n')) {
    const found = readStatic(line.trimEnd());
    if (found === undefined) continue;
    if (found.tag === tag || mine.has(identity(found))) ours.push(found);
    else others.push(found);
  }
  return { ours, others };
}

function readStatic(line: string): FoundStatic | undefined {
  const [, protocol, prefix = '', rest = ''] = /^(ip|ipv6) route (\S+) (.+)$/.exec(line) ?? [];
  if (protocol === undefined) return undefined;
  const words = rest.split(' ');
  if (words.includes('table')) return undefined;
  const end = words.findIndex((word, i) => i > 0 && attributeWords.test(word));
  const hop = words.slice(0, end < 0 ? words.length : end).join(' ');
  const attributes = rest.slice(hop.length);
  const tag = / tag (\d+)/.exec(attributes)?.[1];
  return {
    family: protocol === 'ip' ? 4 : 6,
    prefix,
    hop,
    onlink: words.includes('onlink'),
    distance: Number(/^(?: tag \d+)? (\d+)/.exec(attributes)?.[1] ?? 1),
    tag: tag === undefined ? undefined : Number(tag),
  };
}

/** What may follow the hop; a number is the distance. */
const attributeWords = /^(\d+|tag|onlink|label|nexthop-vrf|segments|color|bfd|weight|metric)$/;

/**
 * The lines that make the static routes as desired: the best distance first, removals last. zebra waits some
 * milliseconds before it acts, so that the lines of one file become one change in the kernel.
 */
export function planStatics(desired: readonly StaticRoute[], present: StaticRoutes, tag: number): StaticPlan {
  const taken = new Set(present.others.map(identity));
  const free = desired.filter((route) => !taken.has(identity(route)));
  const shifted = shiftDistances(free, present.others);
  const installable = shifted.filter(({ distance }) => distance <= maxDistance);
  const have = new Map(present.ours.map((found) => [identity(found), spellStatic(found, found.tag)]));
  const kept = new Set(installable.map(identity));
  const changed = installable.filter((route) => have.get(identity(route)) !== spellStatic(route, tag));
  const stale = present.ours.filter((route) => !kept.has(identity(route)));
  return {
    lines: [
      ...changed.map((route) => spellStatic(route, tag)),
      ...stale.map((found) => `no ${spellStatic(found, found.tag)}`),
    ],
    blocked: [
      ...desired.filter((route) => taken.has(identity(route))),
      ...shifted.filter(({ distance }) => distance > maxDistance),
    ],
  };
}

/**
 * Moves routes to higher distances where foreign routes to the same prefix are: those would get our tag, and
 * we a share of their traffic.
 */
function shiftDistances(desired: readonly StaticRoute[], others: readonly StaticRoute[]): StaticRoute[] {
  const used = new Set(others.map(place));
  const last = new Map<string, { desired: number; given: number }>();
  return [...desired]
    .sort((a, b) => a.distance - b.distance)
    .map((route) => {
      const key = `${route.family} ${route.prefix}`;
      const before = last.get(key);
      if (before?.desired === route.distance) return { ...route, distance: before.given };
      let given = Math.max(route.distance, (before?.given ?? 0) + 1);
      while (used.has(place({ ...route, distance: given }))) given += 1;
      last.set(key, { desired: route.distance, given });
      return { ...route, distance: given };
    });
}

function identity({ family, prefix, hop }: StaticRoute): string {
  return `${family} ${prefix} ${hop}`;
}

function place({ family, prefix, distance }: StaticRoute): string {
  return `${family} ${prefix} ${distance}`;
}
