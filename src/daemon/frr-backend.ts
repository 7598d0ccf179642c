import type { FrrSettings } from '../../models/config.ts';
import type { KernelNote } from '../../models/event.ts';
import type { DefaultRoute } from '../../models/link.ts';
import { planStatics, readStatics, type StaticRoute, spellVtysh } from '../core/routes/frr.ts';
import { FrrRoutes } from '../kernel/frr-routes.ts';

const zebraStatic = '196'; // RTPROT_ZSTATIC, zebra/rt_netlink.h

/** Our static routes in the FRRouting instance that the configuration names now, if any. */
export class FrrBackend {
  readonly #settings: () => FrrSettings | undefined;
  readonly #report: (note: KernelNote) => void;
  readonly #hops = new Set<string>(); // all that were ever ours: zebra takes a while to remove them
  #named: string | undefined; // the settings that `#routes` uses
  #routes: FrrRoutes<StaticRoute> | undefined;

  constructor(settings: () => FrrSettings | undefined, report: (note: KernelNote) => void) {
    this.#settings = settings;
    this.#report = report;
  }

  /** Whether FRRouting manages our routes of `main`. */
  get isEnabled(): boolean {
    return this.#settings() !== undefined;
  }

  /** Reads our routes from its configuration. */
  async read(): Promise<readonly StaticRoute[]> {
    const found = (await this.#currentRoutes())?.read();
    return this.#remember((await found) ?? []);
  }

  /** Makes its routes as desired. */
  async apply(desired: readonly StaticRoute[]): Promise<void> {
    const routes = await this.#currentRoutes();
    await routes?.apply(this.#remember(desired));
  }

  wake(): void {
    this.#routes?.wake();
  }

  /** Whether zebra installed this default route of the kernel from one of ours. */
  has({ family, gateway, interfaceName, protocol }: DefaultRoute): boolean {
    const hop = gateway === undefined ? interfaceName : `${gateway} ${interfaceName}`;
    return protocol === zebraStatic && this.#hops.has(`${family} ${hop}`);
  }

  close(): void {
    this.#routes?.close();
  }

  /** The routes for the settings in force; removes those of earlier settings after a reload. */
  async #currentRoutes(): Promise<FrrRoutes<StaticRoute> | undefined> {
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
