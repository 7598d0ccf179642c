import { setPriority } from 'node:os';

const tickMs = 5;
const freshMs = 20; // packets that arrived during a stall are read within this time after it

/**
 * How long this process was kept from running, so that a busy machine is not mistaken for a bad line: in a
 * process that did not get to run for 150 ms, a measurement is up to 150 ms too late through no fault of the
 * network.
 */
export class Stall {
  #due = performance.now() + tickMs;
  #lastMs = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor() {
    try {
      setPriority(-20);
    } catch {
      // An unprivileged user may not: then there are just more stalls to account for.
    }
    setTimeout(() => this.#tick(), tickMs);
  }

  /** How much too late something read right now may have been read. */
  ms(): number {
    const present = performance.now();
    const past = present - this.#lastAt < freshMs ? this.#lastMs : 0;
    return past + Math.max(0, present - this.#due);
  }

  #tick(): void {
    const present = performance.now();
    if (present - this.#due > tickMs) {
      this.#lastMs = present - this.#due;
      this.#lastAt = present;
    }
    this.#due = present + tickMs;
    setTimeout(() => this.#tick(), tickMs);
  }
}
