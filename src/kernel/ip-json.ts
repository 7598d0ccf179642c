/** Turns what `ip -N -j` prints into our own models. Rows of an unknown shape are left out, never guessed at. */

import type { Family } from '../../models/path.ts';
import {
  familyOfNexthop,
  type Hop,
  mainTable,
  type Nexthop,
  type NexthopGroup,
  ourProtocol,
  type Route,
  type Rule,
} from '../../models/route.ts';

/** The queries that list our own routes and rules, for `readOwn`. The kernel filters: foreign routes never get here. */
export const ownQueries = [`route show table all proto ${ourProtocol}`, 'rule show'] as const;

/** Lists our nexthop objects of both families, for `readNexthops`; only a session without a family shows groups. */
export const nexthopQuery = `nexthop show proto ${ourProtocol}`;

/** Our nexthop objects. An object's number shows its family: groups have no other sign of it. */
export function readNexthops(rows: readonly unknown[]): Nexthop[] {
  return rows.flatMap((row) => readNexthop(row) ?? []);
}

/**
 * Our routes and rules of one family, from the answers to `ownQueries`. `isSole`: no route of ours has several next
 * hops of its own. The kernel joins IPv6 routes of equal metric that others append to ours; such a route shows the
 * protocol of its first next hop, and that one alone is ours.
 */
export function readOwn(
  family: Family,
  rows: readonly (readonly unknown[])[],
  isSole = false,
): { routes: Route[]; rules: Rule[] } {
  const [routes = [], rules = []] = rows;
  return {
    routes: routes.flatMap((row) => readRoute(family, family === 6 && isSole ? firstHopOf(row) : row) ?? []),
    rules: rules.flatMap((row) => readRule(family, row) ?? []),
  };
}

type Row = Readonly<Record<string, unknown>>;

/** A route as if it had no other next hop than its first. */
function firstHopOf(row: unknown): unknown {
  if (!isRow(row) || row['nhid'] !== undefined || !Array.isArray(row['nexthops'])) return row;
  const { nexthops, ...rest } = row;
  const [first]: unknown[] = nexthops;
  return isRow(first) ? { ...rest, ...first } : row;
}

function readRoute(family: Family, row: unknown): Route | undefined {
  if (!isRow(row) || typeof row['dst'] !== 'string') return undefined;
  const type = row['type'] === undefined ? 'unicast' : row['type'] === '7' ? 'unreachable' : undefined;
  if (type === undefined) return undefined;
  return {
    family,
    table: tableOf(row),
    dst: row['dst'],
    metric: number(row['metric']) ?? 0,
    type,
    gateway: text(row['gateway']),
    dev: type === 'unreachable' ? undefined : text(row['dev']), // IPv6 shows `dev lo`
    src: text(row['prefsrc']),
    onlink: hasFlag(row, 'onlink'),
    ...hopsOf(row),
  };
}

/**
 * What replaces a single gateway and device. `ip` also prints where a nexthop object leads, which is not the
 * route's.
 */
function hopsOf(row: Row): Partial<Route> {
  const nhid = number(row['nhid']);
  if (nhid !== undefined) return { nhid, gateway: undefined, dev: undefined, onlink: false };
  const hops = row['nexthops'];
  return Array.isArray(hops) ? { hops: hops.flatMap((hop: unknown) => readHop(hop) ?? []) } : {};
}

function readHop(row: unknown): Hop | undefined {
  const dev = isRow(row) ? text(row['dev']) : undefined;
  if (!isRow(row) || dev === undefined) return undefined;
  return {
    gateway: text(row['gateway']),
    dev,
    onlink: hasFlag(row, 'onlink'),
    weight: number(row['weight']) ?? 1,
  };
}

function readNexthop(row: unknown): Nexthop | undefined {
  const id = isRow(row) ? number(row['id']) : undefined;
  if (!isRow(row) || id === undefined) return undefined;
  const family = familyOfNexthop(id);
  const { group, resilient_args: timers } = row;
  if (Array.isArray(group)) return readGroup({ family, id }, group, isRow(timers) ? timers : {});
  const dev = text(row['dev']) ?? '';
  return { family, id, gateway: text(row['gateway']), dev, onlink: hasFlag(row, 'onlink') };
}

function readGroup(
  identity: Pick<NexthopGroup, 'family' | 'id'>,
  group: readonly unknown[],
  timers: Row,
): NexthopGroup {
  return {
    ...identity,
    members: group.flatMap((member) => {
      const id = isRow(member) ? number(member['id']) : undefined;
      return !isRow(member) || id === undefined ? [] : { id, weight: number(member['weight']) ?? 1 };
    }),
    buckets: number(timers['buckets']) ?? 0,
    idleSeconds: number(timers['idle_timer']) ?? 0,
    unbalancedSeconds: number(timers['unbalanced_timer']) ?? 0,
  };
}

function hasFlag(row: Row, flag: string): boolean {
  return Array.isArray(row['flags']) && row['flags'].includes(flag);
}

function readRule(family: Family, row: unknown): Rule | undefined {
  if (!isRow(row) || row['protocol'] !== String(ourProtocol)) return undefined;
  const pref = number(row['priority']);
  if (pref === undefined) return undefined;
  return {
    family,
    pref,
    from: prefix(row['src'], row['srclen']),
    to: prefix(row['dst'], row['dstlen']),
    oif: text(row['oif']),
    ...marked(row),
    table: row['goto'] === undefined ? tableOf(row) : undefined,
    suppressPrefixLength: number(row['suppress_prefixlen']),
    ...(row['goto'] === undefined ? {} : { goto: Number(row['goto']) }),
  };
}

/** A mark with an all-ones mask is printed without it. */
function marked(row: Row): Partial<Rule> {
  const value = text(row['fwmark']);
  if (value === undefined) return {};
  return { mark: { value: Number(value), mask: Number(text(row['fwmask']) ?? '0xffffffff') } };
}

function prefix(address: unknown, length: unknown): string | undefined {
  if (typeof address !== 'string' || address === 'all') return undefined;
  return typeof length === 'number' ? `${address}/${length}` : address;
}

/** Rows of `main` omit it. */
function tableOf(row: Row): number {
  return row['table'] === undefined ? mainTable : Number(row['table']);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
