/**
 * Providers whose devices are found by pattern: each device that matches is a provider like the pattern's template, with
 * an id after its name. A number that it keeps gives it its table and its mark.
 */
import type { Config } from '../../../models/config.ts';
import { isInternal, type Link, type Links } from '../../../models/link.ts';
import { markStep } from '../../../models/mark.ts';
import type { DevicePattern, Provider } from '../../../models/provider.ts';
import { mainTable } from '../../../models/route.ts';
import type { DeviceNumbers, State } from '../state/state.ts';

/** A provider that is there because of a pattern now, or is not any more. */
export interface ProviderChange {
  readonly provider: Provider;
  readonly added: boolean;
}

/** The configuration with the providers that are there now. The one the state has, when they are the same. */
export function matchingProviders(state: State): Config {
  const { configured, config, links } = state;
  if (links === undefined || configured.patterns === undefined) return configured;
  const members = new Set(found(config).map(({ interfaceName }) => interfaceName));
  const expanded = expand(configured, { links, numbers: state.numbers, members });
  state.numbers = expanded.numbers;
  return expanded.config;
}

/** What another configuration has, of the members of patterns, that the present one lacks, and the other way round. */
export function providerChanges(state: State, next: Config): readonly ProviderChange[] {
  const [before, after] = [found(state.config), found(next)];
  return [
    ...lacking(before, after).map((provider) => ({ provider, added: false })),
    ...lacking(after, before).map((provider) => ({ provider, added: true })),
  ];
}

function found({ providers }: Config): readonly Provider[] {
  return providers.filter(({ foundBy }) => foundBy !== undefined);
}

function lacking(some: readonly Provider[], others: readonly Provider[]): readonly Provider[] {
  const present = new Set(others.map(({ id, interfaceName }) => `${id} ${interfaceName}`));
  return some.filter(({ id, interfaceName }) => !present.has(`${id} ${interfaceName}`));
}

/** A configuration whose providers are those of this moment. */
export interface Expanded {
  readonly config: Config;
  readonly numbers: DeviceNumbers;
}

/** What patterns are expanded by. */
export interface Surroundings {
  readonly links: Links;
  readonly numbers: DeviceNumbers; // given out earlier
  readonly members: ReadonlySet<string>; // devices that are providers by pattern already
}

/** Adds the members of every pattern. Devices that a provider names itself are not for patterns. */
export function expand(written: Config, { links, numbers, members }: Surroundings): Expanded {
  const { patterns = [] } = written;
  if (patterns.length === 0) return { config: written, numbers };
  const taken = new Set(written.providers.map(({ interfaceName }) => interfaceName));
  const given = new Map(numbers);
  const found = patterns.map((pattern) => {
    const fits = (link: Link): boolean => !taken.has(link.name) && matches(pattern, link, links, members);
    const devices = links.links.filter(fits).map(({ name }) => name);
    for (const name of devices) taken.add(name);
    return devices.sort(byName).flatMap((name) => {
      const first = member(written, pattern, name, given);
      if (first === undefined) forgetAbsent(given, links);
      return first ?? member(written, pattern, name, given) ?? [];
    });
  });
  return { config: { ...written, providers: insert(written, found) }, numbers: given };
}

/** When no mark is left, devices that are gone give up theirs: some get another name each time they are plugged in. */
function forgetAbsent(given: Map<string, number>, { links }: Links): void {
  const present = new Set(links.map(({ name }) => name));
  for (const name of given.keys()) if (!present.has(name)) given.delete(name);
}

function matches(pattern: DevicePattern, link: Link, links: Links, members: ReadonlySet<string>): boolean {
  if (isInternal(link)) return false;
  const wanted = pattern.template.interfaceName;
  if (wanted !== 'auto') return asExpression(wanted).test(link.name);
  // Once a provider, always one: its default route goes whenever its carrier does.
  const leadsOut = links.defaults.some(
    ({ interfaceName, table }) => interfaceName === link.name && table === mainTable,
  );
  return leadsOut || members.has(link.name);
}

/** `*` is any number of characters, `?` one. */
function asExpression(pattern: string): RegExp {
  const parts = [...pattern].map((character) => {
    if (character === '*') return '.*';
    return character === '?' ? '.' : character.replace(/[.+^${}()|[\]\\]/, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** eth2 before eth10. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The provider that a device is; undefined when no mark is left for it. */
function member(
  written: Config,
  pattern: DevicePattern,
  interfaceName: string,
  given: Map<string, number>,
): Provider | undefined {
  const number = numberOf(written, pattern, interfaceName, given);
  const mark = markOf(written, pattern, number);
  if (mark > written.fwmarkMask) return undefined;
  given.set(interfaceName, number);
  const name = interfaceName.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const id = pattern.idPrefix === undefined ? name : `${pattern.idPrefix}-${name}`;
  const isTaken = written.providers.some((other) => other.id === id);
  const ownId = isTaken || name !== interfaceName ? `${id.slice(0, 27)}-${number}` : id;
  const table = { rtTableId: tableOf(pattern, number), rtTableName: ownId };
  const foundBy = pattern.template.interfaceName;
  return { ...pattern.template, ...table, id: ownId, interfaceName, mark, foundBy };
}

/** The number that a device has, or the lowest that is free, with its table and mark. */
function numberOf(
  written: Config,
  pattern: DevicePattern,
  interfaceName: string,
  given: ReadonlyMap<string, number>,
): number {
  const others = new Set([...given].flatMap(([name, number]) => (name === interfaceName ? [] : [number])));
  const tables = new Set([
    253,
    254,
    255,
    written.activeTableId,
    ...written.providers.map(({ rtTableId }) => rtTableId),
  ]);
  const marks = new Set(written.providers.map(({ mark }) => mark));
  const isFree = (number: number): boolean =>
    !others.has(number) &&
    !tables.has(tableOf(pattern, number)) &&
    !marks.has(markOf(written, pattern, number));
  const earlier = given.get(interfaceName);
  if (earlier !== undefined && isFree(earlier)) return earlier;
  let number = 0;
  while (!isFree(number)) number += 1;
  return number;
}

function markOf({ fwmarkMask }: Config, { template }: DevicePattern, number: number): number {
  return template.mark + number * markStep(fwmarkMask);
}

/** Numbers are unlike each other whatever the pattern, so tables of patterns with one first table are, too. */
function tableOf({ template }: DevicePattern, number: number): number {
  return template.rtTableId + number;
}

function insert({ providers, patterns = [] }: Config, found: readonly (readonly Provider[])[]): Provider[] {
  const at = (place: number) =>
    patterns.flatMap((pattern, i) => (pattern.place === place ? (found[i] ?? []) : []));
  return [...providers.flatMap((provider, i) => [...at(i), provider]), ...at(providers.length)];
}
