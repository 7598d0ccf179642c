import { type Mistake, mistake } from '../mistake.ts';
import type { ProviderDraft } from '../resolve/draft.ts';
import { idPrefix, longestPrefix } from '../resolve/gateway-range.ts';
import { reservedTable } from '../values/names.ts';
import { familyOfRange, gatewaysIn, maxProviders } from '../values/range.ts';
import type { Rule } from './rule.ts';

type Key = keyof ProviderDraft['values'];
type At = (key: Key, rule: string, found?: unknown) => Mistake;

/** What entries with a range of gateways must not also set; there must be room for their members. */
export const rangeRules: readonly Rule[] = [
  { reads: [], severity: 'mistake', find: ({ entries }) => entries.flatMap(judgeRange) },
  { reads: [], severity: 'mistake', find: ({ entries }) => tooMany(entries) },
];

function judgeRange({ path, values, invalidKeys }: ProviderDraft): readonly Mistake[] {
  const { gateways } = values;
  if (gateways === undefined) return [];
  const at: At = (key, rule, found = values[key]) => mistake(`${path}.${key}`, rule, { found });
  return [
    ...extras(values, at, gateways),
    ...noTables(values, at, gatewaysIn(gateways).length),
    ...(invalidKeys.has('id') || invalidKeys.has('interfaceName') ? [] : longIds(values, at, gateways)),
  ];
}

function extras(values: ProviderDraft['values'], at: At, gateways: string): readonly Mistake[] {
  const family = familyOfRange(gateways);
  const own = family === 4 ? 'gateway' : 'ipv6Gateway';
  const others: readonly Key[] =
    family === 4 ? ['ipv6Address', 'ipv6Network', 'ipv6Gateway'] : ['ipv4Address', 'network', 'gateway'];
  const extra = others.filter((key) => values[key] !== undefined && values[key] !== 'none');
  return [
    ...(values[own] === undefined
      ? []
      : [at(own, 'must not be set together with gateways; remove one of them')]),
    ...extra.map((key) =>
      at(key, `must not be set, as gateways are IPv${family} only; write a provider of its own for the rest`),
    ),
    ...(values.rtTableName === undefined
      ? []
      : [
          at(
            'rtTableName',
            'must not be set together with gateways: the table of each is named after its id',
          ),
        ]),
  ];
}

function noTables({ rtTableId: first }: ProviderDraft['values'], at: At, count: number): readonly Mistake[] {
  if (first === undefined) return [];
  const isInTheWay = Array.from({ length: count }, (_, i) => first + i).some(
    (id) => reservedTable(id) !== undefined,
  );
  const rule = `must be the first of ${count} numbers, one for each gateway, without the kernel's own tables 253 to 255`;
  return isInTheWay ? [at('rtTableId', rule)] : [];
}

function longIds(values: ProviderDraft['values'], at: At, gateways: string): readonly Mistake[] {
  const prefix = idPrefix({ values });
  const longest = longestPrefix(gateways);
  if (prefix.length <= longest) return [];
  const what = values.id === undefined ? 'must be set, and' : 'must';
  const rule = `${what} have at most ${longest} characters, as each gateway's id is this and its address, 32 in all`;
  return [at('id', rule, prefix)];
}

function tooMany(drafts: readonly ProviderDraft[]): readonly Mistake[] {
  const count = drafts.reduce(
    (sum, { values: { gateways } }) => sum + (gateways === undefined ? 1 : gatewaysIn(gateways).length),
    0,
  );
  if (count <= maxProviders || drafts.every(({ values }) => values.gateways === undefined)) return [];
  return [
    mistake(
      'providers',
      `must be at most ${maxProviders} providers, but with all gateways there are ${count}`,
    ),
  ];
}
