/**
 * Numbers of the devices that patterns match. A device keeps its number; the number and the pattern determine
 * its table and its mark. So no two devices may share a number, or have numbers that give the same table or
 * mark.
 */
import type { Config } from '../../../models/config.ts';
import { markStep } from '../../../models/mark.ts';
import type { DevicePattern } from '../../../models/provider.ts';
import { mainTable, type Route } from '../../../models/route.ts';
import type { DeviceNumbers } from '../state/state.ts';

type Written = Pick<Config, 'patterns' | 'providers' | 'activeTableId' | 'fwmarkMask'>;

/** The kernel's own tables: default, main, local. */
const kernelTables = [253, 254, 255];

/** The test for the device names of a pattern; `auto` matches any name. */
export function nameTest({ template: { interfaceName } }: DevicePattern): (name: string) => boolean {
  if (interfaceName === 'auto') return () => true;
  const expression = asExpression(interfaceName);
  return (name) => expression.test(name);
}

/** `*` matches any number of characters, `?` exactly one. */
function asExpression(pattern: string): RegExp {
  const parts = [...pattern].map((character) => {
    if (character === '*') return '.*';
    return character === '?' ? '.' : character.replace(/[.+^${}()|[\]\\]/, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** The table of a pattern's device. */
export function tableOf({ template }: DevicePattern, number: number): number {
  return template.rtTableId + number;
}

/** The mark of a pattern's device; above the mask when none is left. */
export function markOf({ fwmarkMask }: Written, { template }: DevicePattern, number: number): number {
  return template.mark + number * markStep(fwmarkMask);
}

/** Assigns numbers, starting from those assigned earlier. */
export class DeviceNumbering {
  readonly #written: Written;
  readonly #matchers: readonly { readonly pattern: DevicePattern; matches(name: string): boolean }[];
  readonly #given: Map<string, number>;
  readonly #holders = new Map<string, Set<string>>(); // devices by what they hold; '': listed providers

  constructor(written: Written, given: DeviceNumbers) {
    const { patterns = [], providers, activeTableId } = written;
    this.#written = written;
    this.#matchers = patterns.map((pattern) => ({ pattern, matches: nameTest(pattern) }));
    this.#given = new Map(given);
    const tables = [...kernelTables, activeTableId, ...providers.map(({ rtTableId }) => rtTableId)];
    for (const table of tables) this.#hold('', `table ${table}`);
    for (const { mark } of providers) this.#hold('', `mark ${mark}`);
    for (const [name, number] of given)
      for (const what of this.#claimsOf(name, number)) this.#hold(name, what);
  }

  /** All assigned numbers, by device. */
  get numbers(): DeviceNumbers {
    return this.#given;
  }

  /** The number of a device, or the lowest free one. */
  numberOf(pattern: DevicePattern, name: string): number {
    const earlier = this.#given.get(name);
    if (earlier !== undefined && this.#isFree(pattern, name, earlier)) return earlier;
    let number = 0;
    while (!this.#isFree(pattern, name, number)) number += 1;
    return number;
  }

  assign(name: string, number: number): void {
    if (this.#given.get(name) === number) return;
    this.forget(name);
    this.#given.set(name, number);
    for (const what of this.#claimsOf(name, number)) this.#hold(name, what);
  }

  forget(name: string): void {
    const number = this.#given.get(name);
    if (number === undefined) return;
    for (const what of this.#claimsOf(name, number)) this.#holders.get(what)?.delete(name);
    this.#given.delete(name);
  }

  /** An absent device holds the table and mark of each pattern that it may match. */
  #claimsOf(name: string, number: number): readonly string[] {
    const possible = this.#matchers.filter(({ matches }) => matches(name));
    return [`number ${number}`, ...possible.flatMap(({ pattern }) => this.#tableAndMark(pattern, number))];
  }

  #tableAndMark(pattern: DevicePattern, number: number): readonly string[] {
    return [`table ${tableOf(pattern, number)}`, `mark ${markOf(this.#written, pattern, number)}`];
  }

  #isFree(pattern: DevicePattern, name: string, number: number): boolean {
    return [`number ${number}`, ...this.#tableAndMark(pattern, number)].every((what) => {
      const holders = this.#holders.get(what);
      return holders === undefined || holders.size === 0 || (holders.size === 1 && holders.has(name));
    });
  }

  #hold(name: string, what: string): void {
    const holders = this.#holders.get(what);
    if (holders === undefined) this.#holders.set(what, new Set([name]));
    else holders.add(name);
  }
}

/** The numbers of devices, derived from the tables that route through them: for a start without a memory. */
export function numbersInTables(written: Written, routes: readonly Route[]): Record<string, number> {
  const { patterns = [], providers, activeTableId } = written;
  const others = new Set([...providers.map(({ rtTableId }) => rtTableId), activeTableId, mainTable]);
  const matchers = patterns.map((pattern) => ({ pattern, matches: nameTest(pattern) }));
  const numbers = routes.flatMap(({ table, dev }): [string, number][] => {
    if (dev === undefined || others.has(table)) return [];
    const firsts = matchers.filter(({ matches }) => matches(dev)).map(({ pattern }) => tableOf(pattern, 0));
    const first = Math.max(...firsts.filter((each) => each <= table)); // of several, the closest below
    return Number.isFinite(first) ? [[dev, table - first]] : [];
  });
  return Object.fromEntries(numbers);
}
