import type { Instant } from '../../../models/instant.ts';

/** One stored check: when it started and its RTT, or `undefined` when it failed or passed without one. */
export interface Sample {
  readonly startedAt: Instant;
  readonly rttMs: number | undefined;
  readonly untimed?: true; // it passed, and its RTT is not known
}

/** Whether a stored check passed. */
export function hasPassed({ rttMs, untimed }: Sample): boolean {
  return rttMs !== undefined || untimed === true;
}

const perSample = 3;
const rtt = 1; // place of the RTT behind that of the start, ms; NaN: failed; infinite: `untimedMs`
const step = 2; // |RTT - previous known RTT in the window|; NaN: none

const untimedMs = Number.POSITIVE_INFINITY; // stands for the RTT of a check that passed without one

/** A window in figures. `undefined` means "nothing to measure", never zero. */
export interface Summary {
  readonly samples: number;
  readonly failed: number;
  readonly rttMs: number | undefined; // mean of those known
  readonly jitterMs: number | undefined; // mean |RTT difference|; RFC 3550 6.4.1 without its 1/16 filter
}

/**
 * The latest checks of one path: a ring buffer with running counts, so that a result costs the same whatever
 * the capacity. Belongs to one state and changes in place.
 */
export class Window {
  readonly capacity: number;
  readonly #samples: Float64Array; // `perSample` numbers each, side by side: a processor fetches them at once
  #oldest = 0;
  #size = 0;
  #failed = 0;
  #timed = 0;
  #rttSum = 0;
  #stepSum = 0;
  #steps = 0;
  #lastRttMs = Number.NaN;

  constructor(capacity: number, samples: readonly Sample[] = []) {
    this.capacity = capacity;
    this.#samples = new Float64Array(capacity * perSample);
    for (const sample of samples) this.push(sample);
  }

  /** Adds the newest sample; drops the oldest when the window is full. */
  push(sample: Sample): void {
    if (this.#size === this.capacity) this.#evict();
    const slot = (this.#oldest + this.#size) % this.capacity;
    this.#size += 1;
    this.#samples[slot * perSample] = sample.startedAt;
    this.#samples[slot * perSample + rtt] = sample.rttMs ?? (sample.untimed ? untimedMs : Number.NaN);
    this.#count(slot);
    if (slot === this.capacity - 1) this.#recount(); // once a lap: keeps rounding errors from growing
  }

  /** Turns the failed sample that started then into one that passed. False if there is none. */
  amend(startedAt: Instant, rttMs: number | undefined): boolean {
    for (let i = this.#size - 1; i >= 0; i -= 1) {
      const slot = (this.#oldest + i) % this.capacity;
      if (this.#samples[slot * perSample] !== startedAt) continue;
      if (!Number.isNaN(this.#samples[slot * perSample + rtt])) return false;
      this.#samples[slot * perSample + rtt] = rttMs ?? untimedMs;
      this.#recount();
      return true;
    }
    return false;
  }

  /** Removes the samples that started at `from` or later, but before `until`. Costs as much as a new window. */
  drop(from: Instant, until: Instant): void {
    const kept = this.toSamples().filter(({ startedAt }) => startedAt < from || startedAt >= until);
    if (kept.length === this.#size) return;
    this.#size = 0;
    this.#recount();
    for (const sample of kept) this.push(sample);
  }

  /** Of the newest checks, at most so many, those that started at that time or later, and how many of them failed. */
  since(from: Instant, most: number): { readonly asked: number; readonly lost: number } {
    let [asked, lost] = [0, 0];
    for (let i = this.#size - 1; i >= 0 && asked < most; i -= 1) {
      const at = ((this.#oldest + i) % this.capacity) * perSample;
      if ((this.#samples[at] ?? 0) < from) break;
      asked += 1;
      if (Number.isNaN(this.#samples[at + rtt])) lost += 1;
    }
    return { asked, lost };
  }

  /** Whether the sample that started then is in it. */
  has(startedAt: Instant): boolean {
    for (let i = this.#size - 1; i >= 0; i -= 1) {
      const other = this.#samples[((this.#oldest + i) % this.capacity) * perSample] ?? 0;
      if (other <= startedAt) return other === startedAt;
    }
    return false;
  }

  /** When the oldest sample started; `undefined` without samples. */
  get oldestStart(): Instant | undefined {
    return this.#size === 0 ? undefined : this.#samples[this.#oldest * perSample];
  }

  get failed(): number {
    return this.#failed;
  }

  get samples(): number {
    return this.#size;
  }

  get rttMs(): number | undefined {
    return this.#timed === 0 ? undefined : this.#rttSum / this.#timed;
  }

  get jitterMs(): number | undefined {
    return this.#steps === 0 ? undefined : Math.max(0, this.#stepSum / this.#steps);
  }

  summary(): Summary {
    const { samples, failed, rttMs, jitterMs } = this;
    return { samples, failed, rttMs, jitterMs };
  }

  /** The samples, oldest first; at most `last` of them. */
  toSamples(last = this.#size): Sample[] {
    const count = Math.min(last, this.#size);
    return Array.from({ length: count }, (_, i) => {
      const slot = (this.#oldest + this.#size - count + i) % this.capacity;
      const rttMs = this.#samples[slot * perSample + rtt] ?? Number.NaN;
      const startedAt = this.#samples[slot * perSample] ?? 0;
      if (rttMs === untimedMs) return { startedAt, rttMs: undefined, untimed: true };
      return { startedAt, rttMs: Number.isNaN(rttMs) ? undefined : rttMs };
    });
  }

  #count(slot: number): void {
    const rttMs = this.#samples[slot * perSample + rtt] ?? Number.NaN;
    this.#samples[slot * perSample + step] = Number.NaN;
    if (Number.isNaN(rttMs)) this.#failed += 1;
    if (!Number.isFinite(rttMs)) return;
    this.#timed += 1;
    this.#rttSum += rttMs;
    if (!Number.isNaN(this.#lastRttMs)) {
      const stepMs = Math.abs(rttMs - this.#lastRttMs);
      this.#samples[slot * perSample + step] = stepMs;
      this.#stepSum += stepMs;
      this.#steps += 1;
    }
    this.#lastRttMs = rttMs;
  }

  #evict(): void {
    const rttMs = this.#samples[this.#oldest * perSample + rtt] ?? Number.NaN;
    this.#oldest = (this.#oldest + 1) % this.capacity;
    this.#size -= 1;
    if (Number.isNaN(rttMs)) this.#failed -= 1;
    if (!Number.isFinite(rttMs)) return;
    this.#timed -= 1;
    this.#rttSum -= rttMs;
    this.#dropFirstStep();
  }

  /** Removes the step from the evicted sample to the oldest one with an RTT. */
  #dropFirstStep(): void {
    for (let i = 0; i < this.#size; i += 1) {
      const slot = (this.#oldest + i) % this.capacity;
      if (!Number.isFinite(this.#samples[slot * perSample + rtt])) continue;
      const stepMs = this.#samples[slot * perSample + step] ?? Number.NaN;
      if (Number.isNaN(stepMs)) return;
      this.#stepSum -= stepMs;
      this.#steps -= 1;
      this.#samples[slot * perSample + step] = Number.NaN;
      return;
    }
    this.#lastRttMs = Number.NaN;
  }

  #recount(): void {
    this.#failed = 0;
    this.#timed = 0;
    this.#rttSum = 0;
    this.#stepSum = 0;
    this.#steps = 0;
    this.#lastRttMs = Number.NaN;
    for (let i = 0; i < this.#size; i += 1) this.#count((this.#oldest + i) % this.capacity);
  }
}
