/**
 * Providers from patterns: each device that matches becomes a provider made from the pattern's template, with
 * an id derived from its name. The number it keeps gives it its table and its mark.
 */
import type { Config } from '../../../models/config.ts';
import { isInternal, type Link, type Links } from '../../../models/link.ts';
import type { DevicePattern, Provider } from '../../../models/provider.ts';
import { mainTable } from '../../../models/route.ts';
import type { DeviceNumbers, State } from '../state/state.ts';
import { DeviceNumbering, markOf, nameTest, tableOf } from './device-numbers.ts';

/** A provider that a pattern added, or that is gone again. */
export interface ProviderChange {
  readonly provider: Provider;
  readonly added: boolean;
}

/** The configuration with a provider for each device that its patterns match now. */
export function matchingProviders(state: State): Config {
  const { configured, config, links } = state;
  if (links === undefined || configured.patterns === undefined) return configured;
  const members = new Set(found(config).map(({ interfaceName }) => interfaceName));
  const expanded = expand(configured, { links, numbers: state.numbers, members });
  state.numbers = expanded.numbers;
  return expanded.config;
}

/** The pattern providers that another configuration adds to the current one, and those that it lacks. */
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

/** A configuration with its patterns expanded to the devices present now. */
export interface Expanded {
  readonly config: Config;
  readonly numbers: DeviceNumbers;
}

/** What patterns are expanded with. */
export interface Surroundings {
  readonly links: Links;
  readonly numbers: DeviceNumbers; // assigned earlier
  readonly members: ReadonlySet<string>; // devices that are providers by pattern already
}

/** Adds a provider for each device of every pattern. Devices that a provider names are not for patterns. */
export function expand(written: Config, { links, numbers, members }: Surroundings): Expanded {
  const { patterns = [] } = written;
  if (patterns.length === 0) return { config: written, numbers };
  const taken = new Set(written.providers.map(({ interfaceName }) => interfaceName));
  const numbering = new DeviceNumbering(written, numbers);
  const found = patterns.map((pattern) => {
    const fits = fitting(pattern, links, members);
    const devices = links.links.filter((link) => !taken.has(link.name) && fits(link)).map(({ name }) => name);
    for (const name of devices) taken.add(name);
    return devices.sort(byName).flatMap((name) => {
      const first = member(written, pattern, name, numbering);
      if (first === undefined) forgetAbsent(numbering, links);
      return first ?? member(written, pattern, name, numbering) ?? [];
    });
  });
  return { config: { ...written, providers: insert(written, found) }, numbers: numbering.numbers };
}

/** When no mark is left, absent devices give up theirs: some get a new name each time they are plugged in. */
function forgetAbsent(numbering: DeviceNumbering, { links }: Links): void {
  const present = new Set(links.map(({ name }) => name));
  for (const name of [...numbering.numbers.keys()]) if (!present.has(name)) numbering.forget(name);
}

function fitting(
  pattern: DevicePattern,
  { defaults }: Links,
  members: ReadonlySet<string>,
): (link: Link) => boolean {
  const matches = nameTest(pattern);
  const isAuto = pattern.template.interfaceName === 'auto';
  // Once a provider, always one: its default route disappears whenever its carrier does.
  const leadsOut = ({ name }: Link): boolean =>
    members.has(name) ||
    defaults.some(({ interfaceName, table }) => interfaceName === name && table === mainTable);
  return (link) => !isInternal(link) && (isAuto ? leadsOut(link) : matches(link.name));
}

/** eth2 before eth10. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The provider for a device; undefined when no mark is left for it. */
function member(
  written: Config,
  pattern: DevicePattern,
  interfaceName: string,
  numbering: DeviceNumbering,
): Provider | undefined {
  const number = numbering.numberOf(pattern, interfaceName);
  const mark = markOf(written, pattern, number);
  if (mark > written.fwmarkMask) return undefined;
  numbering.assign(interfaceName, number);
  const name = interfaceName.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const id = pattern.idPrefix === undefined ? name : `${pattern.idPrefix}-${name}`;
  const isTaken = written.providers.some((other) => other.id === id);
  const ownId = isTaken || name !== interfaceName ? `${id.slice(0, 27)}-${number}` : id;
  const table = { rtTableId: tableOf(pattern, number), rtTableName: ownId };
  const foundBy = pattern.template.interfaceName;
  return { ...pattern.template, ...table, id: ownId, interfaceName, mark, foundBy };
}

function insert({ providers, patterns = [] }: Config, found: readonly (readonly Provider[])[]): Provider[] {
  const at = (place: number) =>
    patterns.flatMap((pattern, i) => (pattern.place === place ? (found[i] ?? []) : []));
  return [...providers.flatMap((provider, i) => [...at(i), provider]), ...at(providers.length)];
}
