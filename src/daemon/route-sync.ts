import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import { families } from '../../models/path.ts';
import { desired } from '../core/routes/desired.ts';
import type { State } from '../core/state/state.ts';
import type { DeviceSettings } from '../kernel/device-settings.ts';
import type { RouteKeeper } from './backend.ts';
import { now } from './clock.ts';
import type { Connections } from './connections.ts';
import { Throttle } from './throttle.ts';

const wishMs = 10_000; // the wish is made anew at least this often, whatever was missed

/** What of a state tells, once it was advanced, whether the kernel must follow. */
export type Before = Pick<State, 'newTraffic' | 'gatewayRevision'>;

/** Where wishes go. */
export interface RouteSyncParts {
  readonly reconciler: RouteKeeper;
  readonly connections: Connections;
  readonly devices: DeviceSettings;
}

/** The kernel follows the state: routes and rules, then connections, and the settings of devices. */
export class RouteSync {
  readonly #parts: RouteSyncParts;
  readonly #throttle = new Throttle(() => this.#apply());
  #state: State | undefined;
  #appliedAt = 0;

  constructor(parts: RouteSyncParts) {
    this.#parts = parts;
  }

  /** Looks at what an event did to a state. A note of the kernel's own doing is no reason to look again. */
  update(state: State, event: Event, decisions: readonly Decision[], before: Before): void {
    this.#state = state;
    const left =
      before.gatewayRevision !== state.gatewayRevision || loses(before.newTraffic, state.newTraffic);
    const isNews = left || before.newTraffic !== state.newTraffic || decisions.length > 0;
    if (event.type === 'kernel' || ('path' in event && !isNews)) return;
    if (event.type === 'tick' && !isNews && event.at - this.#appliedAt < wishMs) return;
    // A thousand that become reliable, each by itself, change their order in reserve, or join those who carry traffic.
    const isCalm = decisions.every(({ kind }) => kind === 'health' || kind === 'switch');
    if (event.type === 'check' && !left && isCalm) this.#throttle.schedule();
    else this.#throttle.runNow();
    if (event.type === 'links') void this.#parts.devices.apply(state.config, event.links);
  }

  /** What was to be wished soon will not be. */
  close(): void {
    this.#throttle.cancel();
  }

  #apply(): void {
    this.#appliedAt = now();
    const wish = this.#state && desired(this.#state);
    if (this.#state === undefined || wish === undefined) return;
    const { connections, reconciler } = this.#parts;
    connections.follow(this.#state, reconciler.apply(wish));
  }
}

/** Whether someone who had new traffic has it no more. */
function loses(before: State['newTraffic'], after: State['newTraffic']): boolean {
  if (before === after) return false;
  return families.some((family) => {
    const present = new Set(after[family]);
    return before[family].some((id) => !present.has(id));
  });
}
