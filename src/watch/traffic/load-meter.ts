import type { LoadEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Counters } from './counters.ts';

const leastRate = 100_000; // bits a second: less is reported as nothing
const leastMs = 500; // between two readings

/** How much one device carries, from its byte counters. */
export class LoadMeter {
  #before: { readonly at: Instant; readonly sent: number; readonly received: number } | undefined;
  #reported = { sent: 0, received: 0 };

  /** Whether the latest rates are not nothing. */
  get isLoaded(): boolean {
    return this.#reported.sent + this.#reported.received > 0;
  }

  /**
   * Takes a reading; one a second. Returns the rates in bits a second if they changed, to two digits, so that a
   * steady load is reported once.
   */
  take(at: Instant, { txBytes, rxBytes }: Counters): Pick<LoadEvent, 'sent' | 'received'> | undefined {
    const before = this.#before;
    if (before !== undefined && at - before.at < leastMs) return undefined;
    this.#before = { at, sent: txBytes, received: rxBytes };
    if (before === undefined) return undefined;
    const seconds = (at - before.at) / 1000;
    const [sent, received] = [rate(txBytes - before.sent, seconds), rate(rxBytes - before.received, seconds)];
    if (sent === this.#reported.sent && received === this.#reported.received) return undefined;
    this.#reported = { sent, received };
    return this.#reported;
  }
}

/** Counters that begin again count nothing for once. */
function rate(bytes: number, seconds: number): number {
  const bits = (bytes * 8) / seconds;
  return bits < leastRate ? 0 : Number(bits.toPrecision(2));
}
