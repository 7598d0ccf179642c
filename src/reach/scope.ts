import { failure, impossible, type ReachError } from './reach-error.ts';

/** What a missed deadline can mean. */
type Overdue = 'no-answer' | 'timeout' | 'unfinished';

/**
 * Everything that one run of a scenario has open and waits for. At the deadline all waiting ends, with words for what
 * was being done; when the run is over, everything still open is closed, even if the scenario forgot it.
 */
export class Scope {
  readonly timeoutMs: number;
  readonly #now: () => number;
  readonly #deadline: number;
  #open: Set<() => void> | undefined; // created on first use: an echo needs neither
  #waiting: Set<(timedOut: boolean) => void> | undefined;
  #state: 'running' | 'expired' | 'over' = 'running';

  constructor(timeoutMs: number, now: () => number) {
    this.timeoutMs = timeoutMs;
    this.#now = now;
    this.#deadline = now() + timeoutMs;
  }

  /** Whether the run has ended, and nothing is waited for any more. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** The time until the deadline, at least 0. */
  get remainingMs(): number {
    return this.#state === 'running' ? Math.max(0, this.#deadline - this.#now()) : 0;
  }

  /** Call before beginning something. @throws {ReachError} if the run is over */
  assertRunning(): void {
    if (this.isOver) throw abandoned();
  }

  /**
   * Holds something that must be closed. The returned function closes it, once. If the run is over, `close` is
   * called at once: it must work by then. @throws {ReachError} if the run is over
   */
  hold(close: () => void): () => void {
    if (this.isOver) close();
    this.assertRunning();
    const once = () => {
      if (this.#open?.delete(once)) close();
    };
    this.#open ??= new Set();
    this.#open.add(once);
    return once;
  }

  /**
   * Waits for something that may never come. `doing`: 'connecting to 10.0.0.1:443'; `code`: what it means if it has
   * not come by the deadline. @throws {ReachError} at the deadline
   */
  until<T>(promise: Promise<T>, doing: () => string, code: Overdue = 'timeout'): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (timedOut: boolean) =>
        reject(
          timedOut
            ? failure(code, `timed out after ${Math.round(this.timeoutMs)} ms while ${doing()}`)
            : abandoned(),
        );
      promise.then(resolve, reject).finally(() => this.#waiting?.delete(end));
      this.#waiting ??= new Set();
      if (this.#state === 'running') this.#waiting.add(end);
      else end(this.#state === 'expired');
    });
  }

  /**
   * A promise that settles during the run, and never after it. Code that does not await it must not end this process
   * by an unhandled rejection, and code that is still running after the run stops where it awaits.
   */
  whileRunning<T>(begin: () => Promise<T>): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      if (this.isOver) return;
      begin().then(
        (value) => this.isOver || resolve(value),
        (error) => this.isOver || reject(error),
      );
    });
    promise.catch(() => undefined); // handled, even if nothing awaits it
    return promise;
  }

  /** A pause, which silently ends early when the run does. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === 'over') return resolve();
      const stop = this.hold(() => {
        clearTimeout(timer);
        resolve();
      });
      const timer = setTimeout(stop, ms);
    });
  }

  /** The deadline: all waiting ends. */
  expire(): void {
    this.#state = 'expired';
    this.#endWaiting(true);
  }

  /** The end of the run: everything is closed. */
  end(): void {
    this.#state = 'over';
    this.#endWaiting(false);
    // Last opened, first closed: Node 20 crashes if a socket is destroyed before the TLS layer on top of it.
    for (const close of [...(this.#open ?? [])].reverse()) close();
  }

  #endWaiting(timedOut: boolean): void {
    for (const end of this.#waiting ?? []) end(timedOut);
    this.#waiting?.clear();
  }
}

function abandoned(): ReachError {
  return impossible('it was abandoned before its end');
}
