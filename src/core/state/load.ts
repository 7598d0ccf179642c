/**
 * How loaded a device is, each way: what it carries now, compared with the most that it carried for some time in
 * the last seven days. Belongs to one state and changes in place.
 */
import type { Instant } from '../../../models/instant.ts';

const directions = ['sent', 'received'] as const;
type Direction = (typeof directions)[number];

/** A line that was full at a time. Rates in bits a second. */
export interface FullLoad {
  readonly at: Instant;
  readonly direction: Direction;
  readonly rate: number;
  readonly peak: number;
}

/** What outlives a run: the peak of each of the last seven days, each way, and what is usual. */
export interface LoadMemory {
  readonly day: number; // of the latest, since 1970
  readonly sent: readonly number[]; // oldest first
  readonly received: readonly number[];
  readonly usual?: Readonly<Record<Direction, Usual>>; // absent in those of earlier versions
}

/** The mean of a rate over about a day. */
interface Usual {
  readonly rate: number; // bits a second
  readonly ofMs: number; // over so long
}

const days = 7;
const dayMs = 86_400_000;
const meanMs = 2000; // a peak is a mean of about this time
const fullRatio = 0.8;
const leastPeak = 500_000; // bits a second: below, nothing is known of what the line can carry
const provenMs = 3000; // that a peak must last to be one
const growth = 1.25; // a peak that grew by more must last again
const unseenMs = 2000; // a rate is believed for so long

/**
 * What a line carries all the time, such as the stream of a camera, is not the most that it can carry: a peak counts
 * only if it is so many times what is usual.
 */
const aboveUsual = 2;
const usualMs = 86_400_000;
const idleAtFirst: Usual = { rate: 0, ofMs: 3_600_000 }; // so that a first upload is one

/** One device. */
export class DeviceLoad {
  readonly #ways: Readonly<Record<Direction, Way>>;
  #at: Instant;
  #full: FullLoad | undefined;

  constructor(at: Instant, memory?: LoadMemory) {
    this.#at = at;
    this.#ways = { sent: new Way(), received: new Way() };
    const age = memory === undefined ? days : Math.floor(at / dayMs) - memory.day;
    if (memory !== undefined && age >= 0 && age < days)
      for (const direction of directions)
        this.#ways[direction].recall(memory[direction], memory.day, memory.usual?.[direction]);
  }

  /** What it carries from now on. */
  note(at: Instant, rates: Readonly<Record<Direction, number>>): void {
    this.advance(at);
    for (const direction of directions) this.#ways[direction].rate = rates[direction];
    this.#judge();
  }

  /** Time has passed in which it carried as much as before. To be called about once a second. */
  advance(at: Instant): void {
    const passedMs = Math.min(unseenMs, at - this.#at);
    this.#at = at;
    if (passedMs <= 0) return;
    const day = Math.floor(at / dayMs);
    for (const direction of directions) this.#ways[direction].advance(passedMs, day);
    this.#judge();
  }

  /** When it was full last, as far as is known. */
  get full(): FullLoad | undefined {
    return this.#full;
  }

  memory(): LoadMemory {
    const { sent, received } = this.#ways;
    return {
      day: Math.floor(this.#at / dayMs),
      sent: [...sent.peaks],
      received: [...received.peaks],
      usual: { sent: sent.usual, received: received.usual },
    };
  }

  #judge(): void {
    for (const direction of directions) {
      const way = this.#ways[direction];
      if (!way.isFull) continue;
      this.#full = { at: this.#at, direction, rate: way.rate, peak: way.peak };
      return;
    }
  }
}

/** One direction. */
class Way {
  rate = 0;
  peaks: readonly number[] = new Array<number>(days).fill(0); // by day, the latest last
  usual = idleAtFirst;
  #day = 0;
  #mean = 0;
  #provenFor = 0; // the peak that `#provenMs` is about
  #lastedMs = 0;

  recall(peaks: readonly number[], day: number, usual = idleAtFirst): void {
    this.usual = usual;
    this.peaks = [...new Array<number>(days).fill(0), ...peaks].slice(-days);
    this.#day = day;
    this.#provenFor = this.peak;
    this.#lastedMs = provenMs;
  }

  get peak(): number {
    return Math.max(...this.peaks);
  }

  get isFull(): boolean {
    const { peak, usual } = this;
    if (peak < leastPeak || peak < aboveUsual * usual.rate) return false;
    return this.#lastedMs >= provenMs && this.rate >= fullRatio * peak;
  }

  advance(passedMs: number, day: number): void {
    if (day > this.#day) this.#turnTo(day);
    const { rate, ofMs } = this.usual;
    const nowMs = ofMs + passedMs;
    this.usual = { rate: rate + ((this.rate - rate) * passedMs) / nowMs, ofMs: Math.min(nowMs, usualMs) };
    this.#mean += (1 - Math.exp(-passedMs / meanMs)) * (this.rate - this.#mean);
    if (this.#mean > (this.peaks.at(-1) ?? 0)) this.peaks = [...this.peaks.slice(0, -1), this.#mean];
    const { peak } = this;
    if (peak > growth * this.#provenFor) {
      this.#provenFor = peak;
      this.#lastedMs = 0;
    }
    if (this.rate >= fullRatio * peak) this.#lastedMs += passedMs;
  }

  /** Forgets the peaks of days that are a week old. */
  #turnTo(day: number): void {
    const passed = this.#day === 0 ? days : Math.min(days, day - this.#day);
    this.peaks = [...this.peaks, ...new Array<number>(passed).fill(0)].slice(-days);
    this.#day = day;
    this.#provenFor = Math.min(this.#provenFor, this.peak);
  }
}
