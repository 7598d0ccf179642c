import type { Instant } from '../../models/instant.ts';
import type { Store } from './store.ts';
import type { Stored } from './stored.ts';
import { Throttle } from './throttle.ts';

const firstMs = 3000; // after a decision the windows mean something else
const longestMs = 60_000; // a state is some ten thousand bytes, and the disk may be an SD card
const soonMs = 50;

/**
 * Decides when the store is written: soon after each decision, and for the windows alone 3 s after that, then
 * after twice as long each time, up to a minute. While it cannot be written, every 3 s: new decisions are
 * only in memory.
 */
export class StoreSchedule {
  readonly #store: Store;
  readonly #content: () => Omit<Stored, 'format' | 'bootId'>;
  readonly #throttle = new Throttle(() => this.#write());
  #savedAt: Instant = 0;
  #everyMs = firstMs;
  #soon: NodeJS.Timeout | undefined;

  constructor(store: Store, content: () => Omit<Stored, 'format' | 'bootId'>) {
    this.#store = store;
    this.#content = content;
  }

  /** Several decisions at once cause a single write. */
  saveSoon(): void {
    this.#everyMs = firstMs;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#throttle.schedule();
    }, soonMs);
  }

  /** Called on each tick. */
  saveIfDue(now: Instant): void {
    if (this.#store.isFailing) this.#everyMs = firstMs;
    if (now - this.#savedAt < this.#everyMs) return;
    this.#everyMs = Math.min(this.#everyMs * 2, longestMs);
    this.save();
  }

  save(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#throttle.runNow();
  }

  #write(): void {
    const content = this.#content();
    this.#savedAt = content.savedAt;
    this.#store.save(content);
  }

  /** Resolves when it has been written to disk, or could not be. */
  flush(): Promise<void> {
    return this.#store.flush();
  }
}
