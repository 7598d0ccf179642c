const calmRepairs = 4; // within `periodMs`, that are made at once
const periodMs = 10_000;

/** How often what somebody else changed is put back: a few times at once; while they insist, once each `slowMs`. */
export class RepairLimit {
  readonly #slowMs: number;
  #repairs: number[] = []; // when they were made

  constructor(slowMs: number) {
    this.#slowMs = slowMs;
  }

  /** Whether the next repair must wait; if not, it counts as made now. */
  mustWait(): boolean {
    const now = performance.now();
    this.#repairs = this.#repairs.filter((at) => now - at < periodMs);
    const last = this.#repairs.at(-1);
    if (this.#repairs.length >= calmRepairs && last !== undefined && now - last < this.#slowMs) return true;
    this.#repairs.push(now);
    return false;
  }
}
