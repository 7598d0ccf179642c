/**
 * The loop that brings a part of the kernel (or of FRRouting) to its desired state and keeps it there. What
 * the part is, and how it is read and written, is up to the `pass` handed in; when a pass runs is decided
 * here, for every part alike:
 *
 *   state     apply(desired)             wake()                       leaves it by
 *   ───────   ────────────────────────   ──────────────────────────   ────────────────────────────────────────────────
 *   idle      runs a pass                runs a pass, after `wakeMs`  either
 *   running   another pass follows       another pass follows         in force → idle; `retryMs`, an exception → waiting
 *   waiting   runs a pass now            the coming pass reads again  its timer → running
 *   closed    nothing                    nothing                      never
 *
 * Passes never overlap. What is applied during a pass replaces what was applied before, and every `apply()`
 * resolves once a pass that began after it has ended and nothing newer is left to do. Exceptions are retried
 * with back-off. Trouble is reported when it begins or changes, and once more when it is over.
 */
import type { KernelNote } from '../../models/event.ts';
import { messageOf } from '../../models/message-of.ts';

/** How a pass ended. An exception is trouble that is retried with back-off. */
export interface PassOutcome {
  readonly inForce: boolean; // any earlier trouble is over
  readonly trouble?: KernelNote; // why it is not in force; without it, nothing new is known
  readonly retryMs?: number; // run another pass, with a fresh reading, after this long in any case
}

/** What a loop is made of. */
export interface ConvergenceParts<Desired> {
  /** Reads if it must, writes what differs. `woken`: the last reading may be out of date. */
  pass(desired: Desired, woken: boolean): Promise<PassOutcome>;
  report(note: KernelNote): void;
  failed(reason: string): string; // the sentence for an exception
  recovered(desired: Desired): string; // the sentence for the end of trouble
  readonly wakeMs?: number; // wakes within this time count as one, where reading is expensive; @default 0
}

/** A new object for each `apply()`. */
interface Applied<Desired> {
  readonly value: Desired;
}

const firstRetryMs = 250; // after an exception; doubled after each one that follows
const longestRetryMs = 1000;
const freeRepairs = 4; // made at once, within `repairPeriodMs`
const repairPeriodMs = 10_000;
const repairMs = 900; // from one repair to the next, once the free ones are used up

export class Convergence<Desired> {
  readonly #repairs = new RepairLimit();
  readonly #parts: ConvergenceParts<Desired>;
  #desired: Applied<Desired> | undefined;
  #stale = true; // the last reading may be out of date
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined; // for the next pass: after a retry delay or a wake-up
  #trouble: string | undefined; // as last reported
  #exceptions = 0; // in a row
  #closed = false;

  constructor(parts: ConvergenceParts<Desired>) {
    this.#parts = parts;
  }

  /** Whether reported trouble is not over yet. */
  get isInTrouble(): boolean {
    return this.#trouble !== undefined;
  }

  /** Sets the desired state; may be called again with the same. Resolves when it is in force, or has been tried. */
  apply(desired: Desired): Promise<void> {
    this.#desired = { value: desired };
    return this.#start();
  }

  /** Something changed: read again, and repair what is ours. */
  wake(): void {
    this.#stale = true;
    if (this.#timer !== undefined) return;
    if (this.#parts.wakeMs === undefined) void this.#start();
    else this.#startIn(this.#parts.wakeMs);
  }

  /**
   * For a pass about to undo others' changes: the outcome to end with if it must wait; otherwise the repair
   * is counted.
   */
  acquireRepair(): PassOutcome | undefined {
    return this.#repairs.tryAcquire() ? undefined : { inForce: false, retryMs: this.#repairs.waitMs };
  }

  /** The last reading may be out of date: the next pass reads again. Does not start one. */
  markStale(): void {
    this.#stale = true;
  }

  /** No pass begins after this; a running one may finish. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  #start(): Promise<void> {
    if (this.#running !== undefined) return this.#running;
    if (this.#next(undefined) === undefined) return Promise.resolve();
    this.#running = this.#run();
    return this.#running;
  }

  /** `#running` is cleared right after the last look for work: an `apply()` a microtask later starts another run. */
  async #run(): Promise<void> {
    let next = this.#next(undefined);
    while (next !== undefined) {
      await this.#pass(next.value);
      next = this.#next(next);
    }
    this.#running = undefined;
  }

  /** What the next pass is to apply; undefined: none is due after the one for `done`. */
  #next(done: Applied<Desired> | undefined): Applied<Desired> | undefined {
    const isDone =
      done !== undefined && this.#desired === done && (!this.#stale || this.#timer !== undefined);
    return isDone || this.#closed ? undefined : this.#desired;
  }

  async #pass(desired: Desired): Promise<void> {
    const woken = this.#stale;
    this.#stale = false;
    this.#cancelTimer();
    const outcome = await this.#tryPass(desired, woken);
    if (this.#closed) return;
    if (outcome.trouble !== undefined) this.#setTrouble(outcome.trouble);
    else if (outcome.inForce) this.#endTrouble(desired);
    if (outcome.retryMs === undefined) return;
    this.#stale = true;
    this.#startIn(outcome.retryMs);
  }

  async #tryPass(desired: Desired, woken: boolean): Promise<PassOutcome> {
    try {
      const outcome = await this.#parts.pass(desired, woken);
      this.#exceptions = 0;
      return outcome;
    } catch (error) {
      const reason = messageOf(error);
      const message = this.#parts.failed(reason);
      const retryMs = Math.min(firstRetryMs * 2 ** this.#exceptions, longestRetryMs);
      this.#exceptions += 1;
      return { inForce: false, trouble: { kind: 'failed', message, commands: [] }, retryMs };
    }
  }

  #startIn(ms: number): void {
    this.#cancelTimer();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#start();
    }, ms);
  }

  #cancelTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #setTrouble(note: KernelNote): void {
    if (this.#trouble === note.message) return;
    this.#trouble = note.message;
    this.#parts.report(note);
  }

  #endTrouble(desired: Desired): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#parts.report({ kind: 'recovered', message: this.#parts.recovered(desired), commands: [] });
  }
}

/** Limits how often others' changes are undone: four times at once, then, if they keep coming, about once a second. */
class RepairLimit {
  #repairs: number[] = []; // when they were made

  /** Whether a repair may be made now; if so, it is counted. */
  tryAcquire(): boolean {
    const now = performance.now();
    this.#repairs = this.#repairs.filter((at) => now - at < repairPeriodMs);
    if (this.#repairs.length >= freeRepairs && this.waitMs > 0) return false;
    this.#repairs.push(now);
    return true;
  }

  /** How long until the next may be made. */
  get waitMs(): number {
    return Math.max(0, (this.#repairs.at(-1) ?? -repairMs) + repairMs - performance.now());
  }
}
