/**
 * Rules and routes of others that stand in the way of ours, or that ours stand in the way of: VPNs and operators who
 * route by policy. Ours come last where that is possible, so that whatever others route by rules of their own stays
 * theirs; what is left is put into sentences here.
 */
import { contains } from '../../../models/address.ts';
import type { ForeignRule } from '../../../models/foreign-rule.ts';
import type { DefaultRoute } from '../../../models/link.ts';
import { hexMark } from '../../../models/mark.ts';
import { families } from '../../../models/path.ts';
import { mainPreference, mainTable } from '../../../models/route.ts';
import type { PathState, State } from '../state/state.ts';
import { activePreferences } from './active-routes.ts';
import { describeRule, describeTableRoute, routeText } from './foreign-words.ts';

const lastOffset = 5; // from `rulePreference`, of the last rule of the providers

/** What competes: a sentence each, with what to do about it. */
export function competition(state: State): readonly string[] {
  const present = families.filter((family) => expectedPaths(state).some((path) => path.family === family));
  const rules = rulesOf(state).filter(({ family }) => present.includes(family));
  return [...rules.flatMap((rule) => rivals.flatMap((find) => find(state, rule) ?? [])), ...strangers(state)];
}

/** What others route before us, by design: it is theirs, and does not follow our choice. A sentence each. */
export function precedence(state: State): readonly string[] {
  return rulesOf(state).flatMap((rule) => {
    const leads = defaultsOf(state, rule);
    if (leads.length === 0 || !isBefore(rule, activePreference(state)) || tableOwner(state, rule.table))
      return [];
    const by = [...new Set(leads.map(({ interfaceName }) => interfaceName))].join(', ');
    return [
      `${describeRule(rule)} comes before ours: what it matches leaves by ${by}, whatever failover chooses`,
    ];
  });
}

/** Whether others' rules lead a family's unmarked packets away before ours see them; with `mark`, those marked so. */
export function isLedAway(state: State, family: ForeignRule['family'], mark = 0): boolean {
  const { config } = state;
  const limit = mark === 0 ? activePreference(state) : config.rulePreference + lastOffset;
  return rulesOf(state).some(
    (rule) =>
      rule.family === family &&
      rule.from === undefined &&
      rule.isNarrow !== true &&
      isBefore(rule, limit) &&
      matchesMark(rule, mark) &&
      defaultsOf(state, rule).length > 0,
  );
}

function matchesMark({ mark, isNot }: ForeignRule, value: number): boolean {
  const isSame = mark === undefined || (value & mark.mask) >>> 0 === mark.value;
  return isSame !== (isNot === true);
}

type Rival = (state: State, rule: ForeignRule) => string | undefined;

/** Ours take what the rule is for. */
const comesTooLate: Rival = (state, rule) => {
  const limit = activePreference(state);
  const [first] = defaultsOf(state, rule);
  if (first === undefined || isBefore(rule, limit) || tableOwner(state, rule.table)) return undefined;
  const { layout, open } = state.config;
  const remedy = `give it a preference below ${limit}`;
  if (layout !== 'table')
    return `${describeRule(rule)} comes after the main table, whose default routes take what it is for (${routeText(first)}): ${remedy}`;
  const orLast = open?.rulePreference ? '' : 'leave rulePreference out, so that ours come last, or ';
  return `${describeRule(rule)} comes after ours, which take what it is for (${routeText(first)}): ${orLast}${remedy}`;
};

/** Marked packets, such as Tailscale's own, are looked up in `main`, where our active routes are not. */
const readsMainOnly: Rival = (state, rule) => {
  const { layout } = state.config;
  const isMarked = rule.mark !== undefined && rule.isNot !== true && rule.suppressPrefixLength === undefined;
  if (layout !== 'table' || !isMarked || rule.table !== mainTable) return undefined;
  if (!isBefore(rule, activePreference(state))) return undefined;
  return `${describeRule(rule)} comes before ours: the packets with that mark go by the main table, and do not follow a failover; set layout: 'metrics'`;
};

/** The rules for a provider's own addresses come before it. */
const ownAddress: Rival = (state, rule) => {
  const { from } = rule;
  if (from === undefined || rule.isNot || isBefore(rule, state.config.rulePreference + 3)) return undefined;
  const leads = defaultsOf(state, rule);
  const path = expectedPaths(state).find((each) => isAmong(each, rule.family, from));
  if (path === undefined || leads.length === 0) return undefined;
  if (leads.some(({ interfaceName }) => interfaceName === path.provider.interfaceName)) return undefined;
  return `${describeRule(rule)} comes after our rules for the address of ${path.provider.id}, which take what it is for: give it a preference below ${state.config.rulePreference}`;
};

function isAmong({ family, binding }: PathState, other: ForeignRule['family'], from: string): boolean {
  if (family !== other || binding === undefined) return false;
  return from.includes('/') ? contains(from, binding.address) : from === binding.address;
}

/** It has a preference of ours: which of them comes first is chance. */
const sharesPreference: Rival = (state, rule) => {
  const { rulePreference: first, layout, open } = state.config;
  const last =
    layout === 'table' && !open?.rulePreference ? activePreferences(state.config).rest : first + lastOffset;
  if (rule.pref < first || rule.pref > last) return undefined;
  return `${describeRule(rule)} is among ours, ${first} to ${last}: give it another preference, or set another rulePreference`;
};

/** Its packets bear bits that are ours. */
const sharesMarks: Rival = (state, { mark, ...rule }) => {
  const { connectionMarks, fwmarkMask } = state.config;
  if (!connectionMarks || mark === undefined || (mark.value & fwmarkMask) >>> 0 === 0) return undefined;
  return `${describeRule({ ...rule, mark })} is for marks in our bits, ${hexMark(fwmarkMask)}: set another fwmarkMask`;
};

const rivals: readonly Rival[] = [comesTooLate, readsMainOnly, ownAddress, sharesPreference, sharesMarks];

/** Default routes of others in tables of ours. */
function strangers(state: State): string[] {
  return (state.links?.defaults ?? []).flatMap((route) => {
    const owner = tableOwner(state, route.table);
    if (owner === undefined || route.protocol === 'joined') return []; // a next hop of a route of ours
    const setting = owner.id === undefined ? 'activeTableId' : `rtTableId for ${owner.id}`;
    return [
      `${describeTableRoute(route)} is not ours, but in table ${route.table}, ${owner.what}: give it another table, or set another ${setting}`,
    ];
  });
}

/** Whose table of ours it is. */
function tableOwner(
  { config }: State,
  table: number | undefined,
): { readonly id: string | undefined; readonly what: string } | undefined {
  if (config.layout === 'table' && table === config.activeTableId)
    return { id: undefined, what: 'that of our active routes' };
  const owner = config.providers.find(({ rtTableId }) => rtTableId === table);
  return owner && { id: owner.id, what: `that of ${owner.id}` };
}

/** Where our active routes are looked up. */
function activePreference({ config }: State): number {
  return config.layout === 'table' ? activePreferences(config).active : mainPreference;
}

function isBefore({ pref, isAfterOurs }: ForeignRule, limit: number): boolean {
  return pref < limit || (pref === limit && isAfterOurs !== true);
}

/** The default routes that a rule leads to. */
function defaultsOf(
  state: State,
  { family, table, suppressPrefixLength }: ForeignRule,
): readonly DefaultRoute[] {
  if (table === undefined || table === mainTable || suppressPrefixLength !== undefined) return [];
  return (state.links?.defaults ?? []).filter((route) => route.family === family && route.table === table);
}

function rulesOf({ links }: State): readonly ForeignRule[] {
  return links?.rules ?? [];
}

function expectedPaths({ paths }: State): readonly PathState[] {
  return [...paths.values()].filter(({ expected }) => expected);
}
