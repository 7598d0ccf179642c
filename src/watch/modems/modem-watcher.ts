/**
 * Asks for the state of modems every 30 s while there are any. Where ModemManager is absent or slow, or has no modem,
 * it is asked less and less often, until a device appears or disappears.
 */

import { messageOf } from '../../../models/message-of.ts';
import type { Modem } from '../../../models/modem.ts';
import { askModems } from './ask-modems.ts';

/** Where the watcher reports to, and whom it asks. */
export interface ModemSinks {
  modems(modems: readonly Modem[]): void; // all of them; only when something changed
  trouble(message: string): void; // once, when modems that were known no longer are
  readonly ask?: () => Promise<readonly Modem[]>; // @default ModemManager
  readonly usualMs?: number; // between questions; @default 30 s
}

const slowMs = 1000; // an answer that takes longer
const rarest = 20; // times the usual interval
const settleMs = 2000; // until ModemManager knows of a new device

export class ModemWatcher {
  readonly #sinks: ModemSinks;
  readonly #usualMs: number;
  #everyMs: number;
  #devices = '';
  #published = '[]';
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;
  #isClosed = false;

  constructor(sinks: ModemSinks) {
    this.#sinks = sinks;
    this.#usualMs = sinks.usualMs ?? 30_000;
    this.#everyMs = this.#usualMs;
  }

  /** Begins; to be called again with the devices that there are, whenever they may have changed. */
  watch(devices: readonly string[]): void {
    const present = devices.join(' ');
    if (this.#timer !== undefined && present === this.#devices) return;
    const isFirst = this.#timer === undefined;
    this.#devices = present;
    this.#everyMs = this.#usualMs;
    this.#askIn(isFirst ? 0 : settleMs);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #askIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#ask(), ms).unref();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const from = performance.now();
    try {
      const modems = await (this.#sinks.ask ?? askModems)();
      this.#publish(modems);
      this.#pace(modems.length > 0 && performance.now() - from < slowMs);
    } catch (error) {
      this.#pace(false);
      if (this.#published !== '[]' && !this.#isClosed)
        this.#sinks.trouble(`the state of modems is not known any more: ${messageOf(error)}`);
      this.#publish([]);
    } finally {
      this.#isAsking = false;
    }
    this.#askIn(this.#everyMs);
  }

  #pace(isWell: boolean): void {
    this.#everyMs = isWell ? this.#usualMs : Math.min(2 * this.#everyMs, rarest * this.#usualMs);
  }

  #publish(modems: readonly Modem[]): void {
    const text = JSON.stringify(modems);
    if (text === this.#published || this.#isClosed) return;
    this.#published = text;
    this.#sinks.modems(modems);
  }
}
