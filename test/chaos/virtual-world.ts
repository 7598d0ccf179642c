/** The network of a schedule: devices as the kernel shows them, and what becomes of each echo. */
import type { Links } from '../../models/link.ts';
import { exampleAddress, exampleLink } from '../core/example.ts';
import { chanceFrom } from '../core/simulate.ts';
import {
  endOf,
  isLineFault,
  type LineFault,
  type LineTraits,
  type Schedule,
  type TargetFault,
  targets,
} from './schedule.ts';
import { spellsOf, Truth } from './truth.ts';

/** Answers so many a second, and as many at once after a pause. */
class Bucket {
  readonly #perSecond: number;
  #tokens: number;
  #atMs = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  take(ms: number): boolean {
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((ms - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = ms;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** The faults of one line that are more than the truth about it. */
type LineFaults = Readonly<Record<'carrier' | 'device' | 'address' | 'policed', readonly LineFault[]>>;

function isOn(fault: LineFault | TargetFault, ms: number): boolean {
  return fault.atMs <= ms && ms < endOf(fault);
}

export class VirtualWorld {
  readonly truth: Truth;
  readonly lines: readonly LineTraits[];
  echoes = 0;
  busiestMinute = 0; // echoes through one line
  readonly #minutes: { minute: number; echoes: number }[];
  readonly #lineFaults: readonly LineFaults[];
  readonly #targetFaults: readonly TargetFault[];
  readonly #buckets = new Map<LineFault | TargetFault, Bucket>();
  readonly #chance: () => number;

  constructor(schedule: Schedule) {
    this.lines = schedule.lines;
    this.truth = new Truth(
      schedule.lines.map(({ lossRatio }) => 1 - lossRatio),
      spellsOf(schedule),
    );
    this.#minutes = schedule.lines.map(() => ({ minute: 0, echoes: 0 }));
    const lineFaults = schedule.faults.filter(isLineFault);
    this.#lineFaults = schedule.lines.map((_, line) => {
      const own = lineFaults.filter((fault) => fault.line === line);
      const of = (kind: LineFault['kind']): LineFault[] => own.filter((fault) => fault.kind === kind);
      return { carrier: of('carrier'), device: of('device'), address: of('address'), policed: of('policed') };
    });
    this.#targetFaults = schedule.faults.filter((fault): fault is TargetFault => 'target' in fault);
    this.#chance = chanceFrom(schedule.seed ^ 0x5eed);
  }

  /** The round trip of an echo sent at an instant; `undefined` if it is never answered. */
  echo(line: number, address: string, from: string, ms: number): number | undefined {
    this.#count(line, ms);
    const { share, obstacle } = this.truth.at(line, ms);
    if (obstacle || from !== this.addressOf(line, ms) || this.#chance() >= share) return undefined;
    const target = targets.indexOf(address as (typeof targets)[number]);
    for (const fault of this.#targetFaults)
      if (fault.target === target && isOn(fault, ms) && !this.#passes(fault, ms)) return undefined;
    const policer = this.#present(line, 'policed', ms);
    if (policer !== undefined && !this.#passes(policer, ms)) return undefined;
    return (this.lines[line]?.rttMs ?? 0) * (1 + 0.1 * this.#chance());
  }

  /** The devices as the kernel shows them. */
  links(ms: number): Links {
    return {
      links: this.lines.flatMap((_, line) => {
        if (this.#present(line, 'device', ms)) return [];
        const isBare = this.#present(line, 'address', ms) !== undefined;
        const addresses = isBare ? [] : [exampleAddress(this.addressOf(line, ms), 24)];
        const index = 11 + line + 10 * this.#over(line, 'device', ms);
        const carrier = this.#present(line, 'carrier', ms) === undefined;
        return [exampleLink(line, { index, carrier, addresses })];
      }),
      defaults: [],
    };
  }

  /** Whether the kernel would use a route through the line's device. */
  isUsable(line: number, ms: number): boolean {
    return !this.truth.at(line, ms).obstacle;
  }

  /** The line's own address; another one each time after it was removed. */
  addressOf(line: number, ms: number): string {
    return `10.10.${line + 1}.${1 + (this.#over(line, 'address', ms) % 250)}`;
  }

  #present(line: number, kind: keyof LineFaults, ms: number): LineFault | undefined {
    return this.#lineFaults[line]?.[kind].find((fault) => isOn(fault, ms));
  }

  #over(line: number, kind: keyof LineFaults, ms: number): number {
    let count = 0;
    for (const fault of this.#lineFaults[line]?.[kind] ?? []) if (endOf(fault) <= ms) count += 1;
    return count;
  }

  #count(line: number, ms: number): void {
    this.echoes += 1;
    const present = this.#minutes[line];
    const minute = Math.floor(ms / 60_000);
    if (present === undefined) return;
    if (present.minute !== minute) Object.assign(present, { minute, echoes: 0 });
    present.echoes += 1;
    this.busiestMinute = Math.max(this.busiestMinute, present.echoes);
  }

  #passes(fault: LineFault | TargetFault, ms: number): boolean {
    if (!('perSecond' in fault)) return false;
    const bucket = this.#buckets.get(fault) ?? new Bucket(fault.perSecond);
    this.#buckets.set(fault, bucket);
    return bucket.take(ms);
  }
}
