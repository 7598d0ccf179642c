/**
 * Numbers of the devices that patterns find. A device keeps its number; its table and its mark follow from it and from
 * the pattern that finds it. So no two devices may have one number, nor numbers that lead to one table or one mark.
 */
import type { Config } from '../../../models/config.ts';
import { markStep } from '../../../models/mark.ts';
import type { DevicePattern } from '../../../models/provider.ts';
import { mainTable, type Route } from '../../../models/route.ts';
import type { DeviceNumbers } from '../state/state.ts';

type Written = Pick<Config, 'patterns' | 'providers' | 'activeTableId' | 'fwmarkMask'>;

/** Tables of the kernel's own: default, main, local. */
const kernelTables = [253, 254, 255];

/** What the members of a pattern are told by; `auto` finds devices of any name. */
export function nameTest({ template: { interfaceName } }: DevicePattern): (name: string) => boolean {
  if (interfaceName === 'auto') return () => true;
  const expression = asExpression(interfaceName);
  return (name) => expression.test(name);
}

/** `*` is any number of characters, `?` one. */
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

/** The mark of a pattern's device; over the mask when there are no more. */
export function markOf({ fwmarkMask }: Written, { template }: DevicePattern, number: number): number {
  return template.mark + number * markStep(fwmarkMask);
}

/** Gives out numbers, beginning with those that were given out earlier. */
export class DeviceNumbering {
  readonly #written: Written;
  readonly #finders: readonly { readonly pattern: DevicePattern; finds(name: string): boolean }[];
  readonly #given: Map<string, number>;
  readonly #holders = new Map<string, Set<string>>(); // of each number, table and mark: devices, '' for the list's

  constructor(written: Written, given: DeviceNumbers) {
    const { patterns = [], providers, activeTableId } = written;
    this.#written = written;
    this.#finders = patterns.map((pattern) => ({ pattern, finds: nameTest(pattern) }));
    this.#given = new Map(given);
    const tables = [...kernelTables, activeTableId, ...providers.map(({ rtTableId }) => rtTableId)];
    for (const table of tables) this.#hold('', `table ${table}`);
    for (const { mark } of providers) this.#hold('', `mark ${mark}`);
    for (const [name, number] of given)
      for (const what of this.#follows(name, number)) this.#hold(name, what);
  }

  /** All that were given out. */
  get numbers(): DeviceNumbers {
    return this.#given;
  }

  /** The number that a device has, or the lowest that is free. */
  numberOf(pattern: DevicePattern, name: string): number {
    const earlier = this.#given.get(name);
    if (earlier !== undefined && this.#isFree(pattern, name, earlier)) return earlier;
    let number = 0;
    while (!this.#isFree(pattern, name, number)) number += 1;
    return number;
  }

  give(name: string, number: number): void {
    if (this.#given.get(name) === number) return;
    this.forget(name);
    this.#given.set(name, number);
    for (const what of this.#follows(name, number)) this.#hold(name, what);
  }

  forget(name: string): void {
    const number = this.#given.get(name);
    if (number === undefined) return;
    for (const what of this.#follows(name, number)) this.#holders.get(what)?.delete(name);
    this.#given.delete(name);
  }

  /** Which pattern finds a device that is away is not known: it holds what it would have by each that may. */
  #follows(name: string, number: number): readonly string[] {
    const found = this.#finders.filter(({ finds }) => finds(name));
    return [`number ${number}`, ...found.flatMap(({ pattern }) => this.#placeOf(pattern, number))];
  }

  #placeOf(pattern: DevicePattern, number: number): readonly string[] {
    return [`table ${tableOf(pattern, number)}`, `mark ${markOf(this.#written, pattern, number)}`];
  }

  #isFree(pattern: DevicePattern, name: string, number: number): boolean {
    return [`number ${number}`, ...this.#placeOf(pattern, number)].every((what) => {
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

/** The numbers that follow from the tables in which routes lead through devices: a start without a memory goes by these. */
export function numbersInTables(written: Written, routes: readonly Route[]): Record<string, number> {
  const { patterns = [], providers, activeTableId } = written;
  const others = new Set([...providers.map(({ rtTableId }) => rtTableId), activeTableId, mainTable]);
  const finders = patterns.map((pattern) => ({ pattern, finds: nameTest(pattern) }));
  const numbers = routes.flatMap(({ table, dev }): [string, number][] => {
    if (dev === undefined || others.has(table)) return [];
    const firsts = finders.filter(({ finds }) => finds(dev)).map(({ pattern }) => tableOf(pattern, 0));
    const first = Math.max(...firsts.filter((each) => each <= table)); // of several, the nearest
    return Number.isFinite(first) ? [[dev, table - first]] : [];
  });
  return Object.fromEntries(numbers);
}
