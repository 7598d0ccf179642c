/**
 * The rules that lead to each provider's own table: for sockets bound to its device; for packets from an
 * address of that device to the address's own network, and to any destination without a more specific route in
 * `main` (LAN, VPN); for packets with its mark. Several providers with the same address on one device are
 * distinguished by their marks alone. What else a device has that several providers share belongs to the first.
 */
import type { Family } from '../../../models/path.ts';
import { mainTable, type Route, type Rule } from '../../../models/route.ts';
import { hasUniqueSource, sharedSources, sourceOf, usesMark } from '../binding/shared-source.ts';
import type { PathState, State } from '../state/state.ts';
import { type Owned, otherSources, type Source } from './device-networks.ts';

/** The rules of all paths that are expected. `owners`: of what else is on their devices. */
export function providerRules(
  state: State,
  active: readonly Route[],
  owners: ReadonlyMap<PathState, Owned>,
): Rule[] {
  const paths = [...state.paths.values()].filter(({ expected }) => expected);
  const shared = sharedSources(paths);
  const isUnreachable = isBlocked(active);
  const isServed = active.some(({ family, type }) => family === 4 && type === 'unicast');
  const sharing = firstOfShared(state, paths, shared, isServed);
  return paths.flatMap((path) => {
    const owned = owners.get(path);
    const sharesDevice = owned?.isAlone !== true;
    const blocked = path.family === 4 && isUnreachable;
    const own = hasUniqueSource(path, shared) ? ownRules(state, path, { shared: sharesDevice, blocked }) : [];
    const isFirst = sharing.get(sourceOf(path) ?? '') === path;
    return [
      ...own,
      ...(owned === undefined ? [] : otherRules(state, path, owned, blocked)),
      ...(isFirst ? sourceRules(state, path, blocked) : []),
      ...(usesMark(state, path, shared) ? markRules(state, path, blocked) : []),
    ];
  });
}

/**
 * While no provider carries IPv4 traffic, as when all are down or none has discovered its gateway yet: the first of
 * the paths that share a source, by source.
 */
function firstOfShared(
  state: State,
  paths: readonly PathState[],
  shared: ReadonlySet<string>,
  isServed: boolean,
) {
  const first = new Map<string, PathState>();
  if (isServed) return first;
  for (const path of paths) {
    const source = sourceOf(path);
    if (path.family !== 4 || source === undefined || !shared.has(source) || first.has(source)) continue;
    if (usesMark(state, path, shared)) first.set(source, path);
  }
  return first;
}

/**
 * Whether `main` has an unreachable IPv4 default. Unlike in IPv6, `suppress_prefixlength` skips a default
 * route but not an unreachable one, which ends the look-up, so that a recovery would go unnoticed: checks
 * with a mark would not be sent, and where `rp_filter` is in force (2 in `conf.all` on Ubuntu) their answers
 * would be dropped.
 */
function isBlocked(active: readonly Route[]): boolean {
  return active.some(
    ({ family, type, table }) => family === 4 && type === 'unreachable' && table === mainTable,
  );
}

function ownRules(
  { config }: State,
  { family, provider, binding, remembered }: PathState,
  { blocked, shared }: { blocked: boolean; shared: boolean },
): Rule[] {
  const { rulePreference: pref } = config;
  const none = blank(family, provider.rtTableId);
  const place = binding ?? remembered;
  const bound: Rule = {
    ...none,
    pref,
    oif: provider.interfaceName,
    from: shared ? place?.address : undefined, // only the address distinguishes their packets then
  };
  if (place === undefined) return shared ? [] : [bound];
  const { network } = place;
  // Every address of an IPv6 network belongs to the provider, temporary ones (RFC 8981) included.
  const from = family === 6 && network !== undefined && !shared ? network : place.address;
  return [bound, ...rulesFrom(none, pref, { from, network }, blocked)];
}

function otherRules(
  { config }: State,
  { family, provider }: PathState,
  { link, places }: Owned,
  blocked: boolean,
): Rule[] {
  if (link === undefined) return [];
  const none = blank(family, provider.rtTableId);
  return otherSources(link, family, places).flatMap((source) =>
    rulesFrom(none, config.rulePreference, source, blocked),
  );
}

function rulesFrom(
  none: Omit<Rule, 'pref'>,
  pref: number,
  { from, network }: Source,
  blocked: boolean,
): Rule[] {
  const others = { ...none, pref: pref + 2, from, table: mainTable, suppressPrefixLength: 0 };
  return [
    ...(network === undefined ? [] : [{ ...none, pref: pref + 1, from, to: network }]),
    ...(blocked ? [] : [others]),
    { ...none, pref: pref + 3, from },
  ];
}

/**
 * Answers carry no mark: without a route back to their source, `rp_filter` (2 in `conf.all` on Ubuntu) makes
 * the kernel drop them, and a recovery would go unnoticed.
 */
function sourceRules(
  { config }: State,
  { family, provider, binding, remembered }: PathState,
  blocked: boolean,
): Rule[] {
  const from = (binding ?? remembered)?.address;
  const rule = { ...blank(family, provider.rtTableId), from };
  const pref = config.rulePreference + 2;
  return [
    ...(blocked ? [] : [{ ...rule, pref, table: mainTable, suppressPrefixLength: 0 }]),
    { ...rule, pref: pref + 1 },
  ];
}

/** Packets with the provider's mark use its table, unless `main` has a more specific route (LAN, VPN). */
function markRules({ config }: State, { family, provider }: PathState, blocked: boolean): Rule[] {
  const mark = { value: provider.mark, mask: config.fwmarkMask };
  const none = { ...blank(family, provider.rtTableId), mark };
  const pref = config.rulePreference + 4;
  return [
    ...(blocked ? [] : [{ ...none, pref, table: mainTable, suppressPrefixLength: 0 }]),
    { ...none, pref: pref + 1 },
  ];
}

function blank(family: Family, table: number): Omit<Rule, 'pref'> {
  return { family, from: undefined, to: undefined, oif: undefined, table, suppressPrefixLength: undefined };
}
