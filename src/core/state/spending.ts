import type { Instant } from '../../../models/instant.ts';

const minuteMs = 60_000;
const minutes = 60;

/** The cost of checks since the start and in the last hour, to the minute. Changes in place. */
export class Spending {
  readonly #bytes = new Float64Array(minutes); // by minute, at its number modulo 60
  readonly #checks = new Float64Array(minutes);
  #latest = 0; // number of the latest minute
  #sinceStart = 0;

  /** Adds the bytes of a number of checks. */
  add(at: Instant, { bytes, checks }: { bytes: number; checks: number }): void {
    this.#turnTo(at);
    const slot = this.#latest % minutes;
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
    this.#checks[slot] = (this.#checks[slot] ?? 0) + checks;
    this.#sinceStart += bytes;
  }

  get sinceStart(): number {
    return this.#sinceStart;
  }

  /** Bytes and checks of the 60 minutes that end with the current one. */
  lastHour(at: Instant): { readonly bytes: number; readonly checks: number } {
    this.#turnTo(at);
    return { bytes: sum(this.#bytes), checks: sum(this.#checks) };
  }

  /** Clears the minutes that are an hour old by now. */
  #turnTo(at: Instant): void {
    const minute = Math.floor(at / minuteMs);
    const passed = Math.min(minute - this.#latest, minutes);
    for (let i = 0; i < passed; i += 1) {
      this.#bytes[(minute - i) % minutes] = 0;
      this.#checks[(minute - i) % minutes] = 0;
    }
    this.#latest = Math.max(this.#latest, minute);
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Adds to what a path's checks have cost so far. */
export function spend(
  path: { spending: Spending | undefined },
  at: Instant,
  cost: { bytes: number; checks: number },
): void {
  path.spending ??= new Spending();
  path.spending.add(at, cost);
}
