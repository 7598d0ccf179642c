/** What `ip -N -j` prints, turned into our own models. Rows of a shape we do not know are left out, never guessed. */

import type { Family } from '../../models/path.ts';
import { mainTable, ourProtocol, type Route, type Rule } from '../../models/route.ts';

/** The queries that list our own routes and rules, for `readOwn`. The kernel filters; foreign routes are never sent. */
export const ownQueries = [`route show table all proto ${ourProtocol}`, 'rule show'] as const;

/** Our routes and rules of one family, from the answers to `ownQueries`. */
export function readOwn(
  family: Family,
  rows: readonly (readonly unknown[])[],
): { routes: Route[]; rules: Rule[] } {
  const [routes = [], rules = []] = rows;
  return {
    routes: routes.flatMap((row) => readRoute(family, row) ?? []),
    rules: rules.flatMap((row) => readRule(family, row) ?? []),
  };
}

type Row = Readonly<Record<string, unknown>>;

function readRoute(family: Family, row: unknown): Route | undefined {
  if (!isRow(row) || typeof row['dst'] !== 'string') return undefined;
  const type = row['type'] === undefined ? 'unicast' : row['type'] === '7' ? 'unreachable' : undefined;
  if (type === undefined) return undefined;
  const flags = Array.isArray(row['flags']) ? row['flags'] : [];
  return {
    family,
    table: tableOf(row),
    dst: row['dst'],
    metric: number(row['metric']) ?? 0,
    type,
    gateway: text(row['gateway']),
    dev: type === 'unreachable' ? undefined : text(row['dev']), // IPv6 shows `dev lo`
    src: text(row['prefsrc']),
    onlink: flags.includes('onlink'),
  };
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
    table: tableOf(row),
    suppressPrefixLength: number(row['suppress_prefixlen']),
  };
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
