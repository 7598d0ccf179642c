import type { Instant } from '../../models/instant.ts';
import type { Departure, Effects } from '../core/effects.ts';
import { desired } from '../core/routes/desired.ts';
import type { State } from '../core/state/state.ts';
import type { RouteKeeper } from './backend.ts';
import { now } from './clock.ts';
import type { Connections } from './connections.ts';
import { Throttle } from './throttle.ts';

const resyncMs = 10_000; // routes are applied at least this often, in case something was missed

/** Where routes and connections are applied. */
export interface RouteSyncParts {
  readonly reconciler: Pick<RouteKeeper, 'apply'>;
  readonly connections: Pick<Connections, 'follow'>;
}

/** Makes the kernel match the state: routes and rules first, then connections. */
export class RouteSync {
  readonly #parts: RouteSyncParts;
  readonly #throttle = new Throttle(() => this.#apply());
  #state: State | undefined;
  #departures: Departure[] = []; // since routes were last applied
  #appliedAt: Instant = 0;

  constructor(parts: RouteSyncParts) {
    this.#parts = parts;
  }

  /** Applies what an event changed in the state. */
  update(state: State, { routes, departures }: Pick<Effects, 'routes' | 'departures'>): void {
    this.#state = state;
    if (departures.length > 0) this.#departures.push(...departures);
    if (routes === 'now') this.#throttle.runNow();
    else if (routes === 'soon') this.#throttle.schedule();
  }

  /** Called on each tick. */
  applyIfDue(at: Instant): void {
    if (at - this.#appliedAt >= resyncMs) this.#throttle.runNow();
  }

  /** Cancels what was scheduled. */
  close(): void {
    this.#throttle.cancel();
  }

  #apply(): void {
    this.#appliedAt = now();
    const routes = this.#state && desired(this.#state);
    if (this.#state === undefined || routes === undefined) return;
    const { connections, reconciler } = this.#parts;
    connections.follow(this.#state, reconciler.apply(routes), this.#departures.splice(0));
  }
}
