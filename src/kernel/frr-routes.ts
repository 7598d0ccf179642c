/**
 * Keeps our static routes in FRRouting as wished: a wish is compared with the running configuration, the difference
 * written, and read back. What wakes it makes it read again; a repair that someone keeps undoing is made once a second
 * at most.
 */
import type { FrrSettings } from '../../models/config.ts';
import type { KernelNote } from '../../models/event.ts';
import { FrrDaemons } from './frr-daemons.ts';
import { RepairLimit } from './repair-pace.ts';
import { type FrrReading, type RouteEntry, readFrr, readRoutes, writeFrr } from './vtysh.ts';

/** One hop of a static route, as far as it is looked at here. */
interface Static {
  readonly prefix: string;
  readonly hop: string;
  readonly distance: number;
}

/** The static routes there are. */
interface Present<S> {
  readonly ours: readonly S[];
  readonly others: readonly S[];
}

/** How plans are made and spelled; the core's, handed in so that this folder needs nothing of it. */
export interface StaticPlanner<S extends Static> {
  read(config: string, tag: number, known: readonly S[]): Present<S>;
  plan(
    wish: readonly S[],
    present: Present<S>,
    tag: number,
  ): { lines: readonly string[]; blocked: readonly S[] };
  spell(line: string, pathspace: string | undefined): string;
}

const retryMs = 1000; // after trouble
const pauseMs = 100; // default routes of BGP may come and go often, and each reading is a process
const settleMs = 250; // how long zebra may take to use a route
const attentiveMs = 30_000; // how long a route that zebra does not use is looked after each `retryMs`
const patienceMs = 30_000; // before an orphan of zebra's is taken over again
const neverDistance = 255; // of a kernel's route that zebra would never prefer, such as our own net below its routes
const staleMs = 60_000; // a wish made later than this after a reading makes a new one, whatever was missed

export class FrrRoutes<S extends Static> {
  readonly #planner: StaticPlanner<S>;
  readonly #settings: FrrSettings;
  readonly #report: (note: KernelNote) => void;
  readonly #daemons: FrrDaemons;
  readonly #pace = new RepairLimit(retryMs);
  #wish: readonly S[] | undefined;
  #present: Present<S> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #stale = true; // FRRouting may differ from `#present`
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unusedSince: number | undefined; // zebra prefers another route to ours
  #takenOverAt = Number.NEGATIVE_INFINITY;
  #trouble: string | undefined; // the last trouble reported, so that it is said once
  #closed = false;

  constructor(planner: StaticPlanner<S>, settings: FrrSettings, report: (note: KernelNote) => void) {
    this.#planner = planner;
    this.#settings = settings;
    this.#report = report;
    this.#daemons = new FrrDaemons(settings.pathspace, () => this.wake());
  }

  /** Our static routes. None while FRRouting cannot be asked: whoever wants some is told. */
  async read(): Promise<readonly S[]> {
    const reading = await this.#read().catch(() => undefined);
    return reading === undefined ? [] : (this.#present?.ours ?? []);
  }

  /** Sets what is wanted. May be called again with the same wish. Resolves when FRRouting was told, or could not be. */
  apply(wish: readonly S[]): Promise<void> {
    this.#wish = wish;
    this.#daemons.watch();
    if (performance.now() - this.#readAt > staleMs) this.#stale = true;
    // While it is tried again anyway, nobody waits for it; but the last wish of all is tried at once.
    if (this.#timer !== undefined && this.#trouble !== undefined && wish.length > 0) return Promise.resolve();
    return this.#start();
  }

  /** Something changed: read again, soon, and repair what is ours. */
  wake(): void {
    this.#stale = true;
    if (this.#timer === undefined) this.#later(pauseMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#daemons.close();
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
        const next: readonly S[] | undefined = this.#wish;
        if (next === wish && (!this.#stale || this.#timer !== undefined)) return;
        wish = next;
      }
    } catch (error) {
      if (this.#closed) return;
      this.#say('failed', error instanceof Error ? error.message : String(error));
      this.#later(retryMs);
    }
  }

  async #pass(wish: readonly S[]): Promise<void> {
    const known = this.#present;
    const woken = this.#stale;
    this.#stale = false;
    const reading = woken || known === undefined ? await this.#read() : undefined;
    const { lines } = this.#plan(wish);
    if (lines.length === 0) return reading === undefined ? undefined : this.#settle(wish, reading);
    const isRepair = woken && known !== undefined && this.#plan(wish, known).lines.length === 0;
    if (isRepair && this.#pace.mustWait()) {
      this.#stale = true;
      return this.#later(retryMs);
    }
    const refused = await writeFrr(this.#settings.pathspace, lines);
    const commands = lines.map((line) => this.#planner.spell(line, this.#settings.pathspace));
    const after = await this.#read();
    if (this.#plan(wish).lines.length > 0) {
      this.#say('failed', `FRRouting did not take a change: ${refused[0] ?? lines[0]}`, commands);
      return this.#later(retryMs);
    }
    const message = isRepair
      ? 'someone else changed our static routes in FRRouting: put back'
      : 'static routes of FRRouting brought into line';
    this.#report({ kind: isRepair ? 'repaired' : 'changed', message, commands });
    await this.#settle(wish, after);
  }

  #plan(wish: readonly S[], present = this.#present): { lines: readonly string[]; blocked: readonly S[] } {
    return this.#planner.plan(wish, present ?? { ours: [], others: [] }, this.#settings.tag);
  }

  async #read(): Promise<FrrReading> {
    const reading = await readFrr(this.#settings.pathspace);
    this.#present = this.#planner.read(reading.config, this.#settings.tag, this.#present?.ours ?? []);
    this.#readAt = performance.now();
    return reading;
  }

  /** Every line is there. Whether zebra uses them is another matter, which it takes some milliseconds to decide. */
  async #settle(wish: readonly S[], reading: FrrReading): Promise<void> {
    const { blocked } = this.#plan(wish);
    const unused = this.#unused(wish, reading);
    const now = performance.now();
    this.#unusedSince = unused.length === 0 ? undefined : (this.#unusedSince ?? now);
    const unusedMs = now - (this.#unusedSince ?? now);
    if (unused.length > 0 && unusedMs < attentiveMs) this.#later(unusedMs < settleMs ? settleMs : retryMs);
    if (blocked[0] !== undefined) {
      const { prefix, hop } = blocked[0];
      this.#say('foreign', `a static route of FRRouting that is not ours has ${prefix} ${hop}: left alone`);
    } else if (unused[0] === undefined) this.#allWell();
    else if (unusedMs >= settleMs && !(await this.#takeOver(unused, reading))) await this.#explain(unused[0]);
  }

  /** The best of ours to each prefix of which zebra uses someone else's route, or none. */
  #unused(wish: readonly S[], { tables }: FrrReading): readonly S[] {
    const isUsed = ({ tag, selected }: RouteEntry): boolean => selected && tag === this.#settings.tag;
    const worstFirst = [...wish].sort((a, b) => b.distance - a.distance);
    const best = new Map(worstFirst.map((route) => [route.prefix, route]));
    return [...best.values()].filter(({ prefix }) => !tables.some((table) => table[prefix]?.some(isUsed)));
  }

  async #explain({ prefix }: S): Promise<void> {
    const routes = await readRoutes(this.#settings.pathspace, prefix);
    const winner = routes.find(({ selected, distance }) => selected && distance < neverDistance);
    if (winner === undefined) {
      const why =
        'it has not heard of it from staticd, which tries every 10 s, or every device of it is down';
      return this.#say('failed', `zebra does not use our route for ${prefix}: ${why}`);
    }
    const { protocol, distance } = winner;
    const what = `zebra prefers a ${protocol} route of distance ${distance} for ${prefix} to ours`;
    this.#say('foreign', `${what}: remove it, or give ours a lower distance with startMetric`);
  }

  /**
   * A zebra that was killed finds its own routes in the kernel, takes them for static ones of distance 1, and may never
   * let go of them (FRRouting issue 21824; `zebra -K` keeps them for a while on purpose). One that has the same prefix and
   * distance takes their place, and is moved from there by the next pass.
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
    await writeFrr(pathspace, lines);
    this.#stale = true;
    this.#later(pauseMs);
    const message = 'zebra went on with routes of its earlier life: ours take their place';
    const commands = lines.map((line) => this.#planner.spell(line, pathspace));
    this.#report({ kind: 'repaired', message, commands });
    return true;
  }

  #isConfigured(prefix: string, distance: number): boolean {
    const { ours, others } = this.#present ?? { ours: [], others: [] };
    return [...ours, ...others].some((route) => route.prefix === prefix && route.distance === distance);
  }

  #allWell(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#report({
      kind: 'recovered',
      message: 'static routes of FRRouting are in line again',
      commands: [],
    });
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#stale = true;
      void this.#start();
    }, ms);
  }

  #say(kind: KernelNote['kind'], message: string, commands: readonly string[] = []): void {
    if (this.#trouble === message) return;
    this.#trouble = message;
    this.#report({ kind, message, commands });
  }
}
