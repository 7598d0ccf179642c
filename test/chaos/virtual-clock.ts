/**
 * A clock that jumps from one thing to the next. While it is installed, `setTimeout` is its own. It serves one machine,
 * whose process can be stopped, or killed with all its timers, while the world goes on.
 */

class Item {
  readonly atMs: number; // when it was due; a stopped process runs it later, in the same order
  readonly number: number;
  readonly process: number | undefined; // undefined: of the world
  dueMs: number;
  run: (() => void) | undefined; // undefined: cancelled

  constructor(dueMs: number, number: number, process: number | undefined, run: () => void) {
    this.atMs = dueMs;
    this.dueMs = dueMs;
    this.number = number;
    this.process = process;
    this.run = run;
  }

  unref(): Item {
    return this;
  }
}

export class VirtualClock {
  nowMs = 0;
  readonly #heap: Item[] = [];
  readonly #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  #count = 0;
  #process = 1;
  #stoppedUntilMs = 0;
  #isSettled = true;

  /** Replaces the timers of this process by its own. */
  install(): void {
    const set = (run: (...args: unknown[]) => void, ms = 0): unknown => this.process(this.nowMs + ms, run);
    const clear = (handle: Item | undefined): void => {
      if (handle !== undefined) handle.run = undefined;
    };
    // Code under test uses nothing of a timer but `unref`.
    globalThis.setTimeout = set as typeof globalThis.setTimeout;
    globalThis.clearTimeout = clear as unknown as typeof globalThis.clearTimeout;
  }

  restore(): void {
    globalThis.setTimeout = this.#real.setTimeout;
    globalThis.clearTimeout = this.#real.clearTimeout;
  }

  /** Has the world do something at an instant. */
  world(atMs: number, run: () => void): void {
    this.#push(atMs, undefined, run);
  }

  /** Has the process do something at an instant, unless it is killed before. */
  process(atMs: number, run: () => void): Item {
    return this.#push(atMs, this.#process, run);
  }

  /** The process does nothing for so long. */
  stop(forMs: number): void {
    this.#stoppedUntilMs = this.nowMs + forMs;
  }

  /** What the process was to do is forgotten; another may begin. */
  kill(): void {
    this.#process += 1;
    this.#stoppedUntilMs = 0;
  }

  /** Something was started or settled that goes on in promises: the next thing must wait for them. */
  unsettle(): void {
    this.#isSettled = false;
  }

  /** Runs everything until an instant. */
  async run(untilMs: number): Promise<void> {
    for (let item = this.#pop(); item !== undefined && item.dueMs <= untilMs; item = this.#pop()) {
      const { process, run } = item;
      if (run === undefined || (process !== undefined && process !== this.#process)) continue;
      if (process !== undefined && item.dueMs < this.#stoppedUntilMs) {
        item.dueMs = this.#stoppedUntilMs;
        this.#insert(item);
        continue;
      }
      this.nowMs = Math.max(this.nowMs, item.dueMs);
      run();
      if (this.#isSettled) continue;
      this.#isSettled = true;
      await new Promise(afterPromises);
    }
    this.nowMs = untilMs;
  }

  #push(atMs: number, process: number | undefined, run: () => void): Item {
    const item = new Item(Math.max(atMs, this.nowMs), this.#count++, process, run);
    this.#insert(item);
    return item;
  }

  #insert(item: Item): void {
    this.#heap.push(item);
    let index = this.#heap.length - 1;
    for (
      let parent = (index - 1) >> 1;
      index > 0 && this.#isBefore(index, parent);
      parent = (index - 1) >> 1
    ) {
      this.#swap(index, parent);
      index = parent;
    }
  }

  #pop(): Item | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#heap[0] = last;
    for (let index = 0; ; ) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2])
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child;
      if (least === index) return first;
      this.#swap(index, least);
      index = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.dueMs - other.dueMs < 0 || (one.dueMs === other.dueMs && isEarlier(one, other));
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}

function isEarlier(one: Item, other: Item): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}

/** Called back when everything that waits for settled promises has run, and what it deferred too. */
function afterPromises(resolve: (value: undefined) => void): void {
  setImmediate(resolve, undefined);
}
