/**
 * Brings the kernel to what is wanted and keeps it there. A wish is compared with what was last read, the difference
 * written, and everything of ours read back. Whatever wakes it, it reads before it acts; a repair that someone keeps
 * undoing is made once a second at most.
 */
import type { KernelNote } from '../../models/event.ts';
import type { Family } from '../../models/path.ts';
import type { KernelRoutes, Operation } from '../../models/route.ts';
import type { Refusal } from './ip-session.ts';
import { KernelSessions } from './ip-sessions.ts';
import { RepairLimit } from './repair-pace.ts';

/** How plans are made and spelled; the core's, handed in so that this folder needs nothing of it. */
export interface Planner {
  diff(desired: KernelRoutes, actual: KernelRoutes): readonly Operation[];
  spell(operation: Operation): string;
  spellCommand(operation: Operation): string;
  familyOf(operation: Operation): Family;
}

const retryMs = 250; // after a refusal; also how long one may last before it is reported
const slowRepairMs = 900;

export class Reconciler {
  readonly #planner: Planner;
  readonly #report: (note: KernelNote) => void;
  readonly #sessions: KernelSessions;
  readonly #pace = new RepairLimit(slowRepairMs);
  #wish: KernelRoutes | undefined;
  #actual: KernelRoutes | undefined;
  #stale = true; // the kernel may differ from `#actual`
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #trouble: string | undefined; // the last trouble reported, so that it is said once
  #refusedSince: number | undefined;
  #closed = false;

  /** `families`: those the kernel has; wishes for others are left alone. */
  constructor(
    planner: Planner,
    { families, nexthops }: { families: readonly Family[]; nexthops: boolean },
    report: (note: KernelNote) => void,
  ) {
    this.#planner = planner;
    this.#report = report;
    this.#sessions = new KernelSessions(planner, { families, nexthops });
  }

  /** Reads what is ours in the kernel. @throws {Error} when `ip` cannot be run */
  async read(): Promise<KernelRoutes> {
    await this.#transact([]);
    return this.#actual ?? { routes: [], rules: [] };
  }

  /** Sets what is wanted. May be called again with the same wish. Resolves when the kernel was written to. */
  apply(wish: KernelRoutes): Promise<void> {
    this.#wish = wish;
    return this.#start();
  }

  /** Something changed in the kernel: read again, and repair what is ours. */
  wake(): void {
    this.#stale = true;
    if (this.#timer === undefined) void this.#start();
  }

  /** The devices are others than before: what the sessions remember of names and indexes is wrong. */
  renew(): void {
    this.#sessions.renew();
    this.#stale = true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#sessions.close();
  }

  #diff(wish: KernelRoutes, actual: KernelRoutes): readonly Operation[] {
    return this.#planner
      .diff(wish, actual)
      .filter((operation) => this.#sessions.has(this.#planner.familyOf(operation)));
  }

  #start(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (let wish = this.#wish; wish !== undefined && !this.#closed; ) {
        await this.#pass(wish);
        const next: KernelRoutes | undefined = this.#wish;
        if (next === wish && (!this.#stale || this.#timer !== undefined)) return;
        wish = next;
      }
    } catch (error) {
      if (this.#closed) return;
      this.#stale = true;
      this.#say(
        'failed',
        `routes cannot be changed: ${error instanceof Error ? error.message : String(error)}`,
        [],
      );
      this.#later(retryMs);
    }
  }

  async #pass(wish: KernelRoutes): Promise<void> {
    const known = this.#actual;
    const woken = this.#stale;
    this.#stale = false;
    const actual = woken || known === undefined ? await this.read() : known;
    const operations = this.#diff(wish, actual);
    if (operations.length === 0) {
      this.#actual = wish; // the same, in the objects that the next wish shares
      return this.#allWell();
    }
    const isRepair = woken && known !== undefined && this.#diff(wish, known).length === 0;
    if (isRepair && this.#pace.mustWait()) {
      this.#stale = true;
      return this.#later(slowRepairMs);
    }
    const refusals = await this.#transact(operations);
    const commands = operations.map((operation) => this.#planner.spellCommand(operation));
    if (refusals.length > 0) return this.#refused(refusals);
    this.#allWell();
    if (isRepair)
      this.#report({
        kind: 'repaired',
        message: 'someone else changed our routes or rules: put back',
        commands,
      });
    else this.#report({ kind: 'changed', message: 'routes brought into line', commands });
  }

  /** Carries out operations; the answer is the read-back. Returns what was refused. */
  async #transact(operations: readonly Operation[]): Promise<readonly Refusal[]> {
    const { actual, refusals } = await this.#sessions.transact(operations, this.#actual);
    this.#actual = actual;
    return refusals;
  }

  /** A device on its way out refuses routes until the next reading of the links says so: only what lasts is news. */
  #refused(refusals: readonly Refusal[]): void {
    this.#stale = true;
    const now = performance.now();
    this.#refusedSince ??= now;
    if (now - this.#refusedSince >= retryMs) {
      const [first] = refusals;
      const kind = first?.message.includes('File exists') ? 'foreign' : 'failed';
      const what =
        kind === 'foreign' ? 'a route that is not ours is in the way' : 'the kernel refused a change';
      this.#say(
        kind,
        `${what}: ${first?.message ?? ''}`,
        refusals.map(({ command }) => command),
      );
    }
    this.#later(now - this.#refusedSince < 2000 ? retryMs : slowRepairMs);
  }

  #allWell(): void {
    this.#refusedSince = undefined;
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#report({ kind: 'recovered', message: 'routes are in line again', commands: [] });
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#start();
    }, ms);
  }

  #say(kind: KernelNote['kind'], message: string, commands: readonly string[]): void {
    if (this.#trouble === message) return;
    this.#trouble = message;
    this.#report({ kind, message, commands });
  }
}
