/**
 * Tables, preferences and marks are looked at before they are taken. Where others use one that the operator left to us,
 * another is chosen, and kept over restarts and reloads; one that the operator wrote is refused, with what uses it.
 * What an earlier run used is ours, whoever came later: that is drift (`competition.ts`).
 */
import type { Claim, Claims } from '../../../models/claims.ts';
import type { Config } from '../../../models/config.ts';
import type { Links } from '../../../models/link.ts';
import { hexMark, markStep } from '../../../models/mark.ts';
import type { KernelRoutes } from '../../../models/route.ts';
import { describeRule, describeTableRoute } from './foreign-words.ts';

/** What is known of the kernel when numbers are chosen. */
export interface Surroundings {
  readonly links: Pick<Links, 'defaults' | 'rules'>;
  readonly own: Pick<KernelRoutes, 'routes' | 'rules'>; // ours already
  readonly earlier: Claims | undefined; // of an earlier run, or configuration
}

/** A configuration whose numbers are free to take, but for those in `refusals`: a sentence each. */
export interface Settled {
  readonly config: Config;
  readonly refusals: readonly string[];
}

const kernelTables = [253, 254, 255];
const preferenceStep = 20;
const lastPreferenceToTake = 32_000;

/** Looks at the numbers of a configuration. Those of devices found by pattern are left as they are. */
export function settle(config: Config, around: Surroundings): Settled {
  const claims = new Map<string, Claim>();
  const refusals: string[] = [];
  const earlier = { ...around.earlier, ...config.claims }; // it may have been settled before
  const claim = (wanted: Wanted): number => {
    const { used, refusal } = take(wanted, earlier[wanted.key]);
    claims.set(wanted.key, { used, first: wanted.first });
    if (refusal !== undefined) refusals.push(`${wanted.what} cannot be used: ${refusal}; ${wanted.remedy}`);
    return used;
  };
  const tables = claimTables(config, around, claim);
  const rulePreference = claim(wantedPreference(config, around));
  const settled = withMask({ ...config, ...tables, rulePreference }, claim(wantedMask(config, around)));
  return { config: { ...settled, claims: Object.fromEntries(claims) }, refusals };
}

/** A number to take. */
interface Wanted {
  readonly key: string;
  readonly first: number;
  readonly isOpen: boolean;
  readonly what: string; // 'rtTableId 101 of fibre'
  readonly remedy: string;
  userOf(number: number): string | undefined; // who else uses it; undefined: it is free, or ours already
  readonly others: Iterable<number>; // what to try next
}

function take(wanted: Wanted, earlier: Claim | undefined): { used: number; refusal: string | undefined } {
  const { first, isOpen, userOf, others } = wanted;
  const free = { used: first, refusal: undefined };
  if (earlier?.used === first) return free;
  if (isOpen && earlier?.first === first) return { used: earlier.used, refusal: undefined };
  const user = userOf(first);
  if (user === undefined) return free;
  if (!isOpen) return { used: first, refusal: user };
  for (const other of others) if (userOf(other) === undefined) return { used: other, refusal: undefined };
  return { used: first, refusal: user };
}

function claimTables(
  { providers, layout, activeTableId, open }: Config,
  around: Surroundings,
  claim: (wanted: Wanted) => number,
): Pick<Config, 'providers' | 'activeTableId'> {
  const ours = new Set(around.own.routes.map(({ table }) => table));
  const held = new Set([...kernelTables, activeTableId, ...providers.map(({ rtTableId }) => rtTableId)]);
  const isOpen = new Set(open?.tables);
  const wanted = (key: string, first: number, rest: Pick<Wanted, 'isOpen' | 'what' | 'remedy'>): Wanted => ({
    ...{ key, first, ...rest },
    userOf: (table) => (ours.has(table) ? undefined : userOfTable(table, around, rest.isOpen)),
    others: freeNumbers(first + 1, 1, held),
  });
  const numbered = providers.map((provider) => {
    const { id, rtTableId: first, foundBy } = provider;
    if (foundBy !== undefined) return provider;
    const what = `rtTableId ${first} of ${id}`;
    const rest = { isOpen: isOpen.has(id), what, remedy: `give ${id} another, or leave it out` };
    const rtTableId = claim(wanted(`table ${id}`, first, rest));
    held.add(rtTableId);
    return { ...provider, rtTableId };
  });
  if (layout !== 'table') return { providers: numbered, activeTableId };
  const rest = {
    isOpen: open?.activeTableId === true,
    what: `activeTableId ${activeTableId}`,
    remedy: 'set another, or leave it out',
  };
  return { providers: numbered, activeTableId: claim(wanted('activeTableId', activeTableId, rest)) };
}

/**
 * Routes make a table someone's. A rule alone may be the operator's own, to lead some of his traffic to a provider: it is
 * in the way only of a number that nobody wrote.
 */
function userOfTable(table: number, { links }: Surroundings, isOpen: boolean): string | undefined {
  const route = links.defaults.find((each) => each.table === table && each.protocol !== 'joined');
  if (route !== undefined) return `${describeTableRoute(route)} is not ours`;
  const rule = isOpen ? links.rules?.find((each) => each.table === table) : undefined;
  return rule && `${describeRule(rule)} is not ours`;
}

function wantedPreference(
  { rulePreference: first, layout, open }: Config,
  { links, own }: Surroundings,
): Wanted {
  const isOpen = open?.rulePreference === true;
  const length = layout === 'table' && !isOpen ? 14 : 6;
  const isAmong = (pref: number, from: number): boolean => pref >= from && pref < from + length;
  return {
    ...{ key: 'rulePreference', first, isOpen, what: `rulePreference ${first}` },
    remedy: 'set another, or leave it out',
    userOf: (from) => {
      if (own.rules.some(({ pref }) => isAmong(pref, from))) return undefined;
      const rule = links.rules?.find(({ pref }) => isAmong(pref, from));
      return rule && `${describeRule(rule)} would be among ours`;
    },
    others: freeNumbers(first + preferenceStep, preferenceStep, new Set(), lastPreferenceToTake),
  };
}

function wantedMask({ fwmarkMask: first, connectionMarks, open }: Config, { links }: Surroundings): Wanted {
  const user = (mask: number): string | undefined => {
    const rule = links.rules?.find((each) => each.mark && (bitsOf(each.mark) & mask) >>> 0 !== 0);
    return rule && `${describeRule(rule)} uses these bits`;
  };
  return {
    ...{ key: 'fwmarkMask', first, isOpen: open?.fwmarkMask === true, what: `fwmarkMask ${hexMark(first)}` },
    remedy: 'set another, or leave it out',
    userOf: (mask) => (connectionMarks ? user(mask) : undefined),
    others: lowerMasks(first),
  };
}

/** A rule that compares a whole mark uses the bits that are set in it. */
function bitsOf({ value, mask }: { readonly value: number; readonly mask: number }): number {
  return mask === 0xffffffff ? value : mask;
}

/** As many bits, further down. */
function* lowerMasks(mask: number): Generator<number> {
  for (let lower = mask; lower % 2 === 0; ) {
    lower /= 2;
    yield lower;
  }
}

function* freeNumbers(
  from: number,
  step: number,
  held: ReadonlySet<number>,
  last = Number.MAX_SAFE_INTEGER,
): Generator<number> {
  for (let number = from; number <= last; number += step) if (!held.has(number)) yield number;
}

/** The marks of providers follow from the mask. */
function withMask(config: Config, fwmarkMask: number): Config {
  if (fwmarkMask === config.fwmarkMask) return config;
  const [before, after] = [markStep(config.fwmarkMask), markStep(fwmarkMask)];
  const moved = <P extends { readonly mark: number }>(provider: P): P => ({
    ...provider,
    mark: (provider.mark / before) * after,
  });
  return {
    ...config,
    fwmarkMask,
    providers: config.providers.map(moved),
    ...(config.patterns && {
      patterns: config.patterns.map((pattern) => ({ ...pattern, template: moved(pattern.template) })),
    }),
  };
}

/** Tables that others use, as far as default routes and rules show. */
export function foreignTables({ defaults, rules = [] }: Surroundings['links']): readonly number[] {
  const found = [...defaults, ...rules].flatMap(({ table }) => table ?? []);
  return [...new Set(found)].filter((table) => !kernelTables.includes(table));
}
