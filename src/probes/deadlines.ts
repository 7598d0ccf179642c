/** Something that acts at an instant, unless it is `over` by then. */
export interface Expiring {
  readonly dueAt: number; // on the clock of its `Deadlines`; not changed while it waits
  readonly over: boolean; // true: it will not act any more, and is dropped
  readonly slackMs?: number; // how much earlier it may act, if the process is awake for another anyway. @default 0
  expire(): void;
}

/**
 * Any number of deadlines on one timer: a binary heap by `dueAt`. An item that is over stays in it until its time or
 * until it reaches the top, so that cancelling a deadline, which nearly all echoes do, costs nothing.
 */
export class Deadlines {
  readonly #now: () => number;
  readonly #heap: Expiring[] = [];
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(item: Expiring): void {
    this.#heap.push(item);
    this.#rise(this.#heap.length - 1);
    // Not for a deadline that is over: waking up costs more than the work done then.
    if (item.dueAt < this.#armedFor || this.#heap[0]?.over === true) this.#arm();
  }

  /** Drops everything that waits. */
  clear(): void {
    this.#heap.length = 0;
    this.#arm();
  }

  #arm(): void {
    let first = this.#heap[0];
    while (first?.over) {
      this.#removeFirst();
      first = this.#heap[0];
    }
    const dueAt = first?.dueAt ?? Number.POSITIVE_INFINITY;
    if (dueAt === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = dueAt;
    if (first === undefined) return;
    // Rounded up, and at most what a timer can take; one that fires early finds nothing due and is set again.
    const delayMs = Math.min(Math.max(Math.ceil(dueAt - this.#now()), 0), 2 ** 31 - 1);
    this.#timer = setTimeout(() => this.#run(), delayMs);
  }

  #run(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.#now();
    try {
      for (let first = this.#heap[0]; first && isDue(first, now); first = this.#heap[0]) {
        this.#removeFirst();
        if (!first.over) first.expire();
      }
    } finally {
      this.#arm(); // even if one of them throws: the others keep their deadlines
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#dueAt(parent) <= this.#dueAt(index)) return;
      this.#swap(parent, index);
      index = parent;
    }
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = this.#dueAt(left + 1) < this.#dueAt(left) ? left + 1 : left;
      if (this.#dueAt(index) <= this.#dueAt(smaller)) return;
      this.#swap(index, smaller);
      index = smaller;
    }
  }

  #dueAt(index: number): number {
    return this.#heap[index]?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}

function isDue({ over, dueAt, slackMs = 0 }: Expiring, now: number): boolean {
  return over || dueAt - slackMs <= now;
}
