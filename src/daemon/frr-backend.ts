import type { FrrSettings } from '../../models/config.ts';
import type { KernelNote } from '../../models/event.ts';
import type { DefaultRoute } from '../../models/link.ts';
import { planStatics, readStatics, type StaticRoute, spellVtysh } from '../core/routes/frr.ts';
import { FrrRoutes } from '../kernel/frr-routes.ts';

const zebraStatic = '196'; // RTPROT_ZSTATIC, zebra/rt_netlink.h

/** Our static routes in the FRRouting that the configuration names now; in none, when it names none. */
export class FrrBackend {
  readonly #settings: () => FrrSettings | undefined;
  readonly #report: (note: KernelNote) => void;
  readonly #hops = new Set<string>(); // all that were ever ours: zebra takes its time to remove them
  #named: string | undefined; // the settings `#routes` is for
  #routes: FrrRoutes<StaticRoute> | undefined;

  constructor(settings: () => FrrSettings | undefined, report: (note: KernelNote) => void) {
    this.#settings = settings;
    this.#report = report;
  }

  /** Whether routes of `main` are given to FRRouting. */
  get isEnabled(): boolean {
    return this.#settings() !== undefined;
  }

  /** Learns what is ours there. */
  async read(): Promise<readonly StaticRoute[]> {
    const found = (await this.#follow())?.read();
    return this.#remember((await found) ?? []);
  }

  /** Sets what is wanted. */
  async apply(wish: readonly StaticRoute[]): Promise<void> {
    const routes = await this.#follow();
    await routes?.apply(this.#remember(wish));
  }

  wake(): void {
    this.#routes?.wake();
  }

  /** Whether zebra made this default route of the kernel from one of ours. */
  has({ family, gateway, interfaceName, protocol }: DefaultRoute): boolean {
    const hop = gateway === undefined ? interfaceName : `${gateway} ${interfaceName}`;
    return protocol === zebraStatic && this.#hops.has(`${family} ${hop}`);
  }

  close(): void {
    this.#routes?.close();
  }

  /** The settings may have been changed by a reload: ours are taken back where they are no longer wanted. */
  async #follow(): Promise<FrrRoutes<StaticRoute> | undefined> {
    const settings = this.#settings();
    const named = settings === undefined ? undefined : JSON.stringify(settings);
    if (named === this.#named) return this.#routes;
    const earlier = this.#routes;
    const planner = { read: readStatics, plan: planStatics, spell: spellVtysh };
    this.#named = named;
    this.#routes =
      settings === undefined ? undefined : new FrrRoutes<StaticRoute>(planner, settings, this.#report);
    await earlier?.apply([]);
    earlier?.close();
    return this.#routes;
  }

  #remember(routes: readonly StaticRoute[]): readonly StaticRoute[] {
    for (const { family, hop } of routes) this.#hops.add(`${family} ${hop}`);
    return routes;
  }
}
