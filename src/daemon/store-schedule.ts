import type { Instant } from '../../models/instant.ts';
import type { Store, Stored } from './store.ts';
import { Throttle } from './throttle.ts';

const firstMs = 3000; // after a decision the windows change their meaning
const longestMs = 60_000; // a state is some ten thousand bytes, and the disk may be an SD card
const soonMs = 50;

/**
 * Decides when the store is written: soon after each decision, and for the windows alone 3 s after that, then after
 * twice as long each time, at last once a minute. While it cannot be written, every 3 s: what is decided then is only here.
 */
export class StoreSchedule {
  readonly #store: Store;
  readonly #content: () => Omit<Stored, 'format' | 'bootId'>;
  readonly #paced = new Throttle(() => this.#write());
  #savedAt: Instant = 0;
  #everyMs = firstMs;
  #soon: NodeJS.Timeout | undefined;

  constructor(store: Store, content: () => Omit<Stored, 'format' | 'bootId'>) {
    this.#store = store;
    this.#content = content;
  }

  /** Several decisions at once make one state to write. */
  saveSoon(): void {
    this.#everyMs = firstMs;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#paced.schedule();
    }, soonMs);
  }

  /** Called with each tick. */
  saveIfDue(now: Instant): void {
    if (this.#store.isFailing) this.#everyMs = firstMs;
    if (now - this.#savedAt < this.#everyMs) return;
    this.#everyMs = Math.min(this.#everyMs * 2, longestMs);
    this.save();
  }

  save(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#paced.runNow();
  }

  #write(): void {
    const content = this.#content();
    this.#savedAt = content.savedAt;
    this.#store.save(content);
  }

  /** Resolves when it is on the disk, or could not be put there. */
  flush(): Promise<void> {
    return this.#store.flush();
  }
}
