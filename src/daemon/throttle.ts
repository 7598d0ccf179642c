const share = 0.1; // of the time, at most, for scheduled runs

/**
 * A job that may be requested more often than it is worth running: `runNow` runs it at once, `schedule` so
 * that it takes at most a tenth of the time, whatever it costs. While it is cheap, that is at once too.
 */
export class Throttle {
  readonly #job: () => void;
  #timer: NodeJS.Timeout | undefined;
  #endedAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;

  constructor(job: () => void) {
    this.#job = job;
  }

  runNow(): void {
    this.cancel();
    const began = performance.now();
    this.#job();
    this.#endedAt = performance.now();
    this.#tookMs = this.#endedAt - began;
  }

  schedule(): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#endedAt + this.#tookMs / share - performance.now();
    if (waitMs <= 0) this.runNow();
    else this.#timer = setTimeout(() => this.runNow(), waitMs);
  }

  /** Cancels a scheduled run. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
