import { failure, impossible, type ReachError } from './reach-error.ts';

/** What a deadline that passes can mean. */
type Overdue = 'no-answer' | 'timeout' | 'unfinished';

/**
 * What one run of a scenario has open and waits for. At the deadline all waiting ends, with the words for what was
 * being done; when the run is over everything still open is closed, whether the scenario thought of it or not.
 */
export class Scope {
  readonly timeoutMs: number;
  readonly #now: () => number;
  readonly #deadline: number;
  #open: Set<() => void> | undefined; // made on first use: an echo needs neither
  #waiting: Set<(timedOut: boolean) => void> | undefined;
  #state: 'running' | 'expired' | 'over' = 'running';

  constructor(timeoutMs: number, now: () => number) {
    this.timeoutMs = timeoutMs;
    this.#now = now;
    this.#deadline = now() + timeoutMs;
  }

  /** Whether the run has ended: nobody waits for anything any more. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** Until the deadline, at least 0. */
  get remainingMs(): number {
    return this.#state === 'running' ? Math.max(0, this.#deadline - this.#now()) : 0;
  }

  /** Keeps something that must be closed. The function returned closes it, once. @throws {ReachError} when the run is over */
  hold(close: () => void): () => void {
    if (this.#state === 'over') {
      close();
      throw abandoned();
    }
    const once = () => {
      if (this.#open?.delete(once)) close();
    };
    this.#open ??= new Set();
    this.#open.add(once);
    return once;
  }

  /**
   * Waits for something that may never come. `doing`: 'connecting to 10.0.0.1:443'; `code`: what it means that it has not
   * come by the deadline. @throws {ReachError} at the deadline
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
   * A promise that settles while the run lasts, and never after it. Code that does not wait for it must not end this
   * process by an unhandled rejection, and code that goes on after the end of the run stops where it waits.
   */
  whileRunning<T>(begin: () => Promise<T>): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      if (this.isOver) return;
      begin().then(
        (value) => this.isOver || resolve(value),
        (error) => this.isOver || reject(error),
      );
    });
    promise.catch(() => undefined); // handled, also when nothing waits for it
    return promise;
  }

  /** A pause. Ends early, without a word, when the run does. */
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

  /** The deadline: everything that is waited for ends. */
  expire(): void {
    this.#state = 'expired';
    this.#endWaiting(true);
  }

  /** The end of the run: everything is closed. */
  end(): void {
    this.#state = 'over';
    this.#endWaiting(false);
    // The last opened first: Node 20 crashes when a socket is destroyed under the TLS that is spoken on it.
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
