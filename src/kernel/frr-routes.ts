/**
 * Keeps our static routes in FRRouting as desired: a desired state is compared with the running configuration, the
 * difference written, and read back. When it runs, and how often it repairs: `convergence.ts`.
 */
import type { FrrSettings } from '../../models/config.ts';
import type { KernelNote } from '../../models/event.ts';
import { Convergence, type PassOutcome } from './convergence.ts';
import { FrrDaemons } from './frr-daemons.ts';
import { type FrrReading, type RouteEntry, readFrr, readRoutes, writeFrr } from './vtysh.ts';

/** One hop of a static route, as far as this file reads it. */
interface Static {
  readonly prefix: string;
  readonly hop: string;
  readonly distance: number;
}

/** The static routes that were found. */
interface Present<S> {
  readonly ours: readonly S[];
  readonly others: readonly S[];
}

/** How plans are made and spelled; the core's, handed in so that this folder imports nothing of it. */
export interface StaticPlanner<S extends Static> {
  read(config: string, tag: number, known: readonly S[]): Present<S>;
  plan(
    desired: readonly S[],
    present: Present<S>,
    tag: number,
  ): { lines: readonly string[]; blocked: readonly S[] };
  spell(line: string, pathspace: string | undefined): string;
}

const retryMs = 1000; // after a change that FRRouting refused, or a route that zebra does not use
const pauseMs = 100; // BGP's default routes may come and go often, and each reading costs a process
const settleMs = 250; // how long zebra may take to start using a route
const attentiveMs = 30_000; // how long a route that zebra does not use is checked every `retryMs`
const patienceMs = 30_000; // before one of zebra's orphans is taken over again
const neverDistance = 255; // of kernel routes that zebra never prefers, such as our safety net below its own
const staleMs = 60_000; // a reading older than this is repeated, in case something was missed

export class FrrRoutes<S extends Static> {
  readonly #planner: StaticPlanner<S>;
  readonly #settings: FrrSettings;
  readonly #report: (note: KernelNote) => void;
  readonly #daemons: FrrDaemons;
  readonly #convergence: Convergence<readonly S[]>;
  #present: Present<S> | undefined; // as last read
  #inForce: Present<S> | undefined; // as last read with every line present
  #readAt = Number.NEGATIVE_INFINITY;
  #unusedSince: number | undefined; // since when zebra has preferred another route to ours
  #takenOverAt = Number.NEGATIVE_INFINITY;

  constructor(planner: StaticPlanner<S>, settings: FrrSettings, report: (note: KernelNote) => void) {
    this.#planner = planner;
    this.#settings = settings;
    this.#report = report;
    this.#convergence = new Convergence<readonly S[]>({
      pass: (desired, woken) => this.#pass(desired, woken),
      report,
      failed: (reason) => reason,
      recovered: () => 'static routes of FRRouting are in line again',
      wakeMs: pauseMs,
    });
    this.#daemons = new FrrDaemons(settings.pathspace, () => this.wake());
  }

  /** Our static routes. None while FRRouting is not answering: `apply()` reports that. */
  async read(): Promise<readonly S[]> {
    const reading = await this.#read().catch(() => undefined);
    return reading === undefined ? [] : (this.#present?.ours ?? []);
  }

  /**
   * Sets the desired state; may be called again with the same. Resolves when FRRouting has it, or could not take it.
   * In trouble it resolves at once, since FRRouting may hang; except for the last call, which removes all our routes.
   */
  async apply(desired: readonly S[]): Promise<void> {
    this.#daemons.watch();
    if (performance.now() - this.#readAt > staleMs) this.#convergence.markStale();
    const isAwaited = !this.#convergence.isInTrouble || desired.length === 0;
    const applied = this.#convergence.apply(desired);
    if (isAwaited) await applied;
  }

  /** Something changed: read again, soon, and repair what is ours. */
  wake(): void {
    this.#convergence.wake();
  }

  close(): void {
    this.#convergence.close();
    this.#daemons.close();
  }

  async #pass(desired: readonly S[], woken: boolean): Promise<PassOutcome> {
    const reading = woken || this.#present === undefined ? await this.#read() : undefined;
    const { lines } = this.#plan(desired);
    if (lines.length > 0) return this.#write(desired, lines);
    this.#inForce = this.#present;
    return reading === undefined ? { inForce: false } : this.#settle(desired, reading);
  }

  async #write(desired: readonly S[], lines: readonly string[]): Promise<PassOutcome> {
    const isRepair = this.#inForce !== undefined && this.#plan(desired, this.#inForce).lines.length === 0;
    const tooSoon = isRepair ? this.#convergence.acquireRepair() : undefined;
    if (tooSoon !== undefined) return tooSoon;
    this.#inForce = undefined;
    const refused = await writeFrr(this.#settings.pathspace, lines);
    const commands = lines.map((line) => this.#planner.spell(line, this.#settings.pathspace));
    const after = await this.#read();
    if (this.#plan(desired).lines.length > 0) {
      const message = `FRRouting did not take a change: ${refused[0] ?? lines[0]}`;
      return { inForce: false, trouble: { kind: 'failed', message, commands }, retryMs };
    }
    this.#inForce = this.#present;
    const message = isRepair
      ? 'someone else changed our static routes in FRRouting: put back'
      : 'static routes of FRRouting updated';
    this.#report({ kind: isRepair ? 'repaired' : 'changed', message, commands });
    return this.#settle(desired, after);
  }

  #plan(desired: readonly S[], present = this.#present): { lines: readonly string[]; blocked: readonly S[] } {
    return this.#planner.plan(desired, present ?? { ours: [], others: [] }, this.#settings.tag);
  }

  async #read(): Promise<FrrReading> {
    const reading = await readFrr(this.#settings.pathspace);
    this.#present = this.#planner.read(reading.config, this.#settings.tag, this.#present?.ours ?? []);
    this.#readAt = performance.now();
    return reading;
  }

  /** Every line is present. Whether zebra uses them is another matter, which takes it some milliseconds to decide. */
  async #settle(desired: readonly S[], reading: FrrReading): Promise<PassOutcome> {
    const unused = this.#unused(desired, reading);
    const now = performance.now();
    this.#unusedSince = unused.length === 0 ? undefined : (this.#unusedSince ?? now);
    const unusedMs = now - (this.#unusedSince ?? now);
    const isSettling = unusedMs < settleMs;
    const watched =
      unused.length > 0 && unusedMs < attentiveMs ? { retryMs: isSettling ? settleMs : retryMs } : {};
    const [blocked] = this.#plan(desired).blocked;
    if (blocked !== undefined) {
      const message = `a static route of FRRouting that is not ours has ${blocked.prefix} ${blocked.hop}: left alone`;
      return { inForce: false, trouble: { kind: 'conflict', message, commands: [] }, ...watched };
    }
    if (unused[0] === undefined) return { inForce: true };
    if (isSettling) return { inForce: false, ...watched };
    if (await this.#takeOver(unused, reading)) return { inForce: false, retryMs: pauseMs };
    return { inForce: false, trouble: await this.#explain(unused[0]), ...watched };
  }

  /** Our best route to each prefix for which zebra uses another route, or none. */
  #unused(desired: readonly S[], { tables }: FrrReading): readonly S[] {
    const isUsed = ({ tag, selected }: RouteEntry): boolean => selected && tag === this.#settings.tag;
    const worstFirst = [...desired].sort((a, b) => b.distance - a.distance);
    const best = new Map(worstFirst.map((route) => [route.prefix, route]));
    return [...best.values()].filter(({ prefix }) => !tables.some((table) => table[prefix]?.some(isUsed)));
  }

  async #explain({ prefix }: S): Promise<KernelNote> {
    const routes = await readRoutes(this.#settings.pathspace, prefix);
    const winner = routes.find(({ selected, distance }) => selected && distance < neverDistance);
    if (winner === undefined) {
      const why =
        'it has not heard of it from staticd, which tries every 10 s, or every device of it is down';
      return {
        kind: 'failed',
        message: `zebra does not use our route for ${prefix}: ${why}`,
        commands: [],
      };
    }
    const { protocol, distance } = winner;
    const what = `zebra prefers a ${protocol} route of distance ${distance} for ${prefix} to ours`;
    const message = `${what}: remove it, or give ours a lower distance with startMetric`;
    return { kind: 'conflict', message, commands: [] };
  }

  /**
   * A zebra that was killed finds its own routes in the kernel, takes them for static ones of distance 1, and may
   * never let go of them (FRRouting issue 21824; `zebra -K` keeps them for a while on purpose). A route with the same
   * prefix and distance replaces them, and the next pass moves it from there.
   */
  async #takeOver(unused: readonly S[], { tables }: FrrReading): Promise<boolean> {
    if (performance.now() - this.#takenOverAt < patienceMs) return false;
    const inPlace = unused.flatMap((route) => {
      const entries = tables.flatMap((table) => table[route.prefix] ?? []);
      const { distance } = entries.find(({ selected }) => selected) ?? {};
      return distance === undefined || this.#isConfigured(route.prefix, distance)
        ? []
        : { ...route, distance };
    });
    if (inPlace.length === 0) return false;
    this.#takenOverAt = performance.now();
    const { tag, pathspace } = this.#settings;
    const { lines } = this.#planner.plan(inPlace, { ours: [], others: [] }, tag);
    this.#inForce = undefined;
    await writeFrr(pathspace, lines);
    const message = 'zebra went on with routes of its earlier life: ours take their place';
    const commands = lines.map((line) => this.#planner.spell(line, pathspace));
    this.#report({ kind: 'repaired', message, commands });
    return true;
  }

  #isConfigured(prefix: string, distance: number): boolean {
    const { ours, others } = this.#present ?? { ours: [], others: [] };
    return [...ours, ...others].some((route) => route.prefix === prefix && route.distance === distance);
  }
}
