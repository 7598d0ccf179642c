import type { Instant } from '../../../models/instant.ts';
import type { Deadlines, Expiring } from '../deadlines.ts';

const beatMs = 5;

/** A beat that comes this much late shows that the process was kept from running; timers themselves are 1 or 2 late. */
const lateMs = 5;

/**
 * Whether this process was kept from running while something was being timed: blocked by its own code, stopped, or
 * waiting for a processor. While anything is timed, it wakes up every 5 ms and looks at the clock; shorter lags may
 * go unseen.
 */
export class LagWatch {
  readonly #deadlines: Deadlines;
  readonly #now: () => Instant;
  #timings = 0;
  #beat: (Expiring & { over: boolean }) | undefined;
  #laggedAt = Number.NEGATIVE_INFINITY;

  /** `deadlines` must count in `now`. */
  constructor(deadlines: Deadlines, now: () => Instant) {
    this.#deadlines = deadlines;
    this.#now = now;
  }

  /** Something is timed from now on. */
  begin(): void {
    this.#timings += 1;
    if (this.#timings === 1) this.#wait();
  }

  /** The end of a timing that began then. Whether the process lagged meanwhile. */
  end(startedAt: Instant): boolean {
    this.#timings -= 1;
    const hasLagged = this.#laggedAt >= startedAt || this.#isLate();
    if (this.#timings === 0 && this.#beat !== undefined) this.#beat.over = true;
    return hasLagged;
  }

  #wait(): void {
    this.#beat = { dueAt: this.#now() + beatMs, over: false, expire: () => this.#look() };
    this.#deadlines.add(this.#beat);
  }

  #look(): void {
    if (this.#isLate()) this.#laggedAt = this.#now();
    this.#wait();
  }

  #isLate(): boolean {
    return this.#beat !== undefined && this.#now() - this.#beat.dueAt > lateMs;
  }
}
