/** Converts the output of `ip -N -j rule show` into the rules of others. */
import type { ForeignRule } from '../../models/foreign-rule.ts';
import type { Family } from '../../models/path.ts';
import { mainTable, ourProtocol } from '../../models/route.ts';

type Row = Readonly<Record<string, unknown>>;

/** The rules that are neither ours nor those the kernel begins with. Rows of an unknown shape are skipped. */
export function readForeignRules(family: Family, rows: readonly unknown[]): ForeignRule[] {
  const ours = new Set<unknown>(); // preferences of ours so far
  return rows.filter(isRow).flatMap((row) => {
    const { priority: pref } = row;
    if (typeof pref !== 'number' || isKernels(row, pref)) return [];
    if (row['protocol'] === String(ourProtocol)) {
      ours.add(pref);
      return [];
    }
    return [{ ...readRule(family, pref, row), ...(ours.has(pref) ? { isAfterOurs: true as const } : {}) }];
  });
}

/** The rules that every network namespace begins with, and the one for VRFs. */
const kernels: Readonly<Record<number, string>> = { 0: '255', 32766: '254', 32767: '253' };

function isKernels(row: Row, pref: number): boolean {
  if ('l3mdev' in row) return true;
  return kernels[pref] === row['table'] && Object.keys(row).every((key) => plainKeys.has(key));
}

const plainKeys = new Set(['priority', 'src', 'table', 'protocol']);

function readRule(family: Family, pref: number, row: Row): ForeignRule {
  const from = prefixOf(row, 'src');
  const suppress = row['suppress_prefixlen'];
  return {
    family,
    pref,
    text: spell(row),
    ...(row['table'] === undefined ? {} : { table: Number(row['table']) }),
    ...(from === undefined ? {} : { from }),
    ...markOf(row),
    ...('not' in row ? { isNot: true as const } : {}),
    ...(Object.keys(row).every((key) => knownKeys.has(key)) ? {} : { isNarrow: true as const }),
    ...(typeof suppress === 'number' ? { suppressPrefixLength: suppress } : {}),
  };
}

const knownKeys = new Set([
  ...plainKeys,
  ...['srclen', 'fwmark', 'fwmask', 'not', 'goto', 'action', 'suppress_prefixlen', 'suppress_ifgroup'],
]);

/** A mark with an all-ones mask is printed without it. */
function markOf({ fwmark, fwmask }: Row): Pick<ForeignRule, 'mark'> {
  if (fwmark === undefined) return {};
  return { mark: { value: Number(fwmark), mask: fwmask === undefined ? 0xffffffff : Number(fwmask) } };
}

/** The rule in the words of `ip rule`, which prints them in this order. */
function spell(row: Row): string {
  const { fwmark, fwmask } = row;
  return [
    ...('not' in row ? ['not'] : []),
    `from ${prefixOf(row, 'src') ?? 'all'}`,
    ...labelled('to', prefixOf(row, 'dst')),
    ...labelled('tos', row['tos']),
    ...labelled('fwmark', fwmask === undefined ? fwmark : `${fwmark}/${fwmask}`),
    ...labelled('iif', row['iif']),
    ...labelled('oif', row['oif']),
    ...labelled('uidrange', 'uid_start' in row ? `${row['uid_start']}-${row['uid_end']}` : undefined),
    ...labelled('ipproto', nameIn(protocols, row['ipproto'])),
    ...labelled('sport', row['sport']),
    ...labelled('dport', row['dport']),
    ...target(row),
  ].join(' ');
}

function target(row: Row): readonly string[] {
  const { table, action, goto } = row;
  if (goto !== undefined) return [`goto ${goto}`];
  return [
    ...(action === undefined ? [] : [String(nameIn(actions, action))]),
    ...labelled('lookup', nameIn(tables, table)),
    ...labelled('suppress_prefixlength', row['suppress_prefixlen']),
    ...labelled('suppress_ifgroup', row['suppress_ifgroup']),
  ];
}

function labelled(label: string, value: unknown): readonly string[] {
  return value === undefined ? [] : [`${label} ${String(value)}`];
}

/** `ip -N` prints numbers, as names can be defined at will. */
const tables = new Map([
  ['253', 'default'],
  [String(mainTable), 'main'],
  ['255', 'local'],
]);
const protocols = new Map([
  ['ipproto-1', 'icmp'],
  ['ipproto-6', 'tcp'],
  ['ipproto-17', 'udp'],
]);
const actions = new Map([
  ['6', 'blackhole'],
  ['7', 'unreachable'],
  ['8', 'prohibit'],
]);

function nameIn(names: ReadonlyMap<string, string>, value: unknown): unknown {
  return names.get(String(value)) ?? value;
}

function prefixOf(row: Row, end: 'src' | 'dst'): string | undefined {
  const [address, length] = [row[end], row[`${end}len`]];
  if (typeof address !== 'string' || address === 'all') return undefined;
  return typeof length === 'number' ? `${address}/${length}` : address;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
