/**
 * Keeps our routes and rules in the kernel as desired: a desired state is compared with what was last read, the
 * difference written, and everything of ours read back. When it runs, and how often it repairs: `convergence.ts`.
 */
import type { KernelNote } from '../../models/event.ts';
import type { Family } from '../../models/path.ts';
import type { KernelRoutes, Operation } from '../../models/route.ts';
import { Convergence, type PassOutcome } from './convergence.ts';
import type { Refusal } from './ip-session.ts';
import { KernelSessions, type SessionOptions } from './ip-sessions.ts';

/** How plans are made and spelled; the core's, handed in so that this folder imports nothing of it. */
export interface Planner {
  diff(desired: KernelRoutes, actual: KernelRoutes): readonly Operation[];
  spell(operation: Operation): string;
  spellCommand(operation: Operation): string;
  familyOf(operation: Operation): Family;
}

const retryMs = 250; // after a refusal; also how long it may last before it is reported
const slowRetryMs = 900; // once refusals have lasted for `impatientMs`
const impatientMs = 2000;

export class Reconciler {
  readonly #planner: Planner;
  readonly #report: (note: KernelNote) => void;
  readonly #sessions: KernelSessions;
  readonly #convergence: Convergence<KernelRoutes>;
  #actual: KernelRoutes | undefined; // as last read
  #inForce: KernelRoutes | undefined; // the last desired state that was in the kernel as a whole
  #refusedSince: number | undefined;

  /** Routes of families that the kernel does not support are left alone. */
  constructor(planner: Planner, options: SessionOptions, report: (note: KernelNote) => void) {
    this.#planner = planner;
    this.#report = report;
    this.#sessions = new KernelSessions(planner, options);
    this.#convergence = new Convergence<KernelRoutes>({
      pass: (desired, woken) => this.#pass(desired, woken),
      report,
      failed: (reason) => `routes cannot be changed: ${reason}`,
      recovered: () => 'routes are in line again',
    });
  }

  /** Reads what the kernel has of ours. @throws {Error} when `ip` cannot be run */
  async read(): Promise<KernelRoutes> {
    await this.#transact([]);
    return this.#actual ?? { routes: [], rules: [] };
  }

  /** Sets the desired state; may be called again with the same. Resolves when the kernel has been written to. */
  apply(desired: KernelRoutes): Promise<void> {
    return this.#convergence.apply(desired);
  }

  /** Something changed in the kernel: read again, and repair what is ours. */
  wake(): void {
    this.#convergence.wake();
  }

  /** The devices have changed: the names and indexes that the sessions remember are wrong. */
  renew(): void {
    this.#sessions.renew();
    this.#convergence.markStale();
  }

  close(): void {
    this.#convergence.close();
    this.#sessions.close();
  }

  #diff(desired: KernelRoutes, actual: KernelRoutes): readonly Operation[] {
    return this.#planner
      .diff(desired, actual)
      .filter((operation) => this.#sessions.has(this.#planner.familyOf(operation)));
  }

  async #pass(desired: KernelRoutes, woken: boolean): Promise<PassOutcome> {
    const actual = woken || this.#actual === undefined ? await this.read() : this.#actual;
    const operations = this.#diff(desired, actual);
    if (operations.length === 0) return this.#setInForce(desired);
    const isRepair = this.#inForce !== undefined && this.#diff(desired, this.#inForce).length === 0;
    const tooSoon = isRepair ? this.#convergence.acquireRepair() : undefined;
    if (tooSoon !== undefined) return tooSoon;
    this.#inForce = undefined;
    const refusals = await this.#transact(operations);
    if (refusals.length > 0) return this.#refused(refusals);
    const commands = operations.map((operation) => this.#planner.spellCommand(operation));
    this.#report(
      isRepair
        ? { kind: 'repaired', message: 'someone else changed our routes or rules: put back', commands }
        : { kind: 'changed', message: 'routes updated', commands },
    );
    this.#refusedSince = undefined;
    this.#inForce = desired;
    return { inForce: true };
  }

  /** `diff()` is fast for objects it has seen: the next desired state shares most of its objects with this one. */
  #setInForce(desired: KernelRoutes): PassOutcome {
    this.#actual = desired;
    this.#inForce = desired;
    this.#refusedSince = undefined;
    return { inForce: true };
  }

  /** Carries out operations; the answer is the read-back. Returns what was refused. */
  async #transact(operations: readonly Operation[]): Promise<readonly Refusal[]> {
    const { actual, refusals } = await this.#sessions.transact(operations, this.#actual);
    this.#actual = actual;
    return refusals;
  }

  /** A device being removed refuses routes until the links are next read: only a lasting refusal is worth a report. */
  #refused(refusals: readonly Refusal[]): PassOutcome {
    const now = performance.now();
    this.#refusedSince ??= now;
    const refusedMs = now - this.#refusedSince;
    if (refusedMs < retryMs) return { inForce: false, retryMs };
    const [first] = refusals;
    const isForeign = first?.message.includes('File exists') === true;
    const what = isForeign ? 'a route that is not ours is in the way' : 'the kernel refused a change';
    const trouble: KernelNote = {
      kind: isForeign ? 'conflict' : 'failed',
      message: `${what}: ${first?.message ?? ''}`,
      commands: refusals.map(({ command }) => command),
    };
    return { inForce: false, trouble, retryMs: refusedMs < impatientMs ? retryMs : slowRetryMs };
  }
}
