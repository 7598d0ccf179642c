const share = 0.1; // of the time, at most, for what can wait

/**
 * A job that can be asked for more often than it is worth doing: `atOnce` does it, `soon` does it so that it takes a tenth
 * of the time at most, however much it costs. While it costs little, that is at once too.
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

  /** What was to be done soon will not be. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
