import type { Instant } from '../../../models/instant.ts';

const seconds = 20;

/** The echoes of one second. */
export interface EchoCount {
  readonly sent: number;
  readonly answered: number;
}

/** How many echoes of a path were sent and answered, in each of the last 20 seconds. Changes in place. */
export class EchoTally {
  readonly #sent = new Uint16Array(seconds);
  readonly #answered = new Uint16Array(seconds);
  #second: number; // the present one, since the epoch
  #complete = 0; // seconds before it

  constructor(at: Instant) {
    this.#second = Math.floor(at / 1000);
  }

  /** Adds echoes whose fate is known. True when a second is over. */
  add(at: Instant, sent: number, answered: number): boolean {
    const second = Math.floor(at / 1000);
    const isNext = second > this.#second;
    for (let skipped = Math.min(second - this.#second, seconds); skipped > 0; skipped -= 1) {
      const slot = (second - skipped + 1) % seconds;
      this.#sent[slot] = 0;
      this.#answered[slot] = 0;
    }
    if (isNext) {
      this.#complete = Math.min(this.#complete + second - this.#second, seconds - 1);
      this.#second = second;
    }
    this.#sent[second % seconds] = (this.#sent[second % seconds] ?? 0) + sent;
    this.#answered[second % seconds] = (this.#answered[second % seconds] ?? 0) + answered;
    return isNext;
  }

  /** The latest complete second. */
  get latest(): EchoCount {
    return this.#of(this.#second - 1);
  }

  /** The complete seconds, once there are 19. */
  get last(): readonly EchoCount[] | undefined {
    if (this.#complete < seconds - 1) return undefined;
    return Array.from({ length: seconds - 1 }, (_, i) => this.#of(this.#second - 1 - i));
  }

  /** Begins again with the present second. */
  restart(): void {
    this.#complete = 0;
  }

  #of(second: number): EchoCount {
    const slot = second % seconds;
    return { sent: this.#sent[slot] ?? 0, answered: this.#answered[slot] ?? 0 };
  }
}
