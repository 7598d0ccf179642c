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
  readonly #startedAt: Float64Array;
  readonly #rttMs: Float64Array; // NaN: failed; infinite: `untimedMs`
  readonly #stepMs: Float64Array; // |RTT - previous known RTT in the window|; NaN: none
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
    this.#startedAt = new Float64Array(capacity);
    this.#rttMs = new Float64Array(capacity);
    this.#stepMs = new Float64Array(capacity);
    for (const sample of samples) this.push(sample);
  }

  /** Adds the newest sample; drops the oldest when the window is full. */
  push(sample: Sample): void {
    if (this.#size === this.capacity) this.#evict();
    const slot = (this.#oldest + this.#size) % this.capacity;
    this.#size += 1;
    this.#startedAt[slot] = sample.startedAt;
    this.#rttMs[slot] = sample.rttMs ?? (sample.untimed ? untimedMs : Number.NaN);
    this.#count(slot);
    if (slot === this.capacity - 1) this.#recount(); // once a lap: keeps rounding errors from growing
  }

  /** Turns the failed sample that started then into one that passed. False if there is none. */
  amend(startedAt: Instant, rttMs: number | undefined): boolean {
    for (let i = this.#size - 1; i >= 0; i -= 1) {
      const slot = (this.#oldest + i) % this.capacity;
      if (this.#startedAt[slot] !== startedAt) continue;
      if (!Number.isNaN(this.#rttMs[slot])) return false;
      this.#rttMs[slot] = rttMs ?? untimedMs;
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

  /** Whether the sample that started then is in it. */
  has(startedAt: Instant): boolean {
    for (let i = this.#size - 1; i >= 0; i -= 1) {
      const other = this.#startedAt[(this.#oldest + i) % this.capacity] ?? 0;
      if (other <= startedAt) return other === startedAt;
    }
    return false;
  }

  /** When the oldest sample started; `undefined` without samples. */
  get oldestStart(): Instant | undefined {
    return this.#size === 0 ? undefined : this.#startedAt[this.#oldest];
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
      const rttMs = this.#rttMs[slot] ?? Number.NaN;
      const startedAt = this.#startedAt[slot] ?? 0;
      if (rttMs === untimedMs) return { startedAt, rttMs: undefined, untimed: true };
      return { startedAt, rttMs: Number.isNaN(rttMs) ? undefined : rttMs };
    });
  }

  #count(slot: number): void {
    const rttMs = this.#rttMs[slot] ?? Number.NaN;
    this.#stepMs[slot] = Number.NaN;
    if (Number.isNaN(rttMs)) this.#failed += 1;
    if (!Number.isFinite(rttMs)) return;
    this.#timed += 1;
    this.#rttSum += rttMs;
    if (!Number.isNaN(this.#lastRttMs)) {
      const step = Math.abs(rttMs - this.#lastRttMs);
      this.#stepMs[slot] = step;
      this.#stepSum += step;
      this.#steps += 1;
    }
    this.#lastRttMs = rttMs;
  }

  #evict(): void {
    const rttMs = this.#rttMs[this.#oldest] ?? Number.NaN;
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
      if (!Number.isFinite(this.#rttMs[slot])) continue;
      const step = this.#stepMs[slot] ?? Number.NaN;
      if (Number.isNaN(step)) return;
      this.#stepSum -= step;
      this.#steps -= 1;
      this.#stepMs[slot] = Number.NaN;
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
