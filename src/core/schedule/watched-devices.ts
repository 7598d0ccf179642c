/** Whose traffic is watched: that of the devices which carry it. */
import { families, pathKey } from '../../../models/path.ts';
import { checksSuspended } from '../election/new-traffic.ts';
import type { State } from '../state/state.ts';

/** The devices of all active paths that can be checked. */
export interface WatchedDevices {
  readonly carrying: ReadonlySet<string>; // how much
  readonly rarelyChecked: ReadonlySet<string>; // and whether it is answered: traffic shows an outage sooner than checks
}

const leastIntervalMs = 250; // more frequent checks notice an outage as soon as their traffic does

/** The devices to watch in this state. */
export function watchedDevices(state: State): WatchedDevices {
  const [carrying, rarelyChecked] = [new Set<string>(), new Set<string>()];
  for (const family of families) {
    if (checksSuspended(state, family)) continue;
    for (const id of state.active[family]) {
      const path = state.paths.get(pathKey(id, family));
      if (path?.binding === undefined || path.obstacle !== undefined) continue;
      carrying.add(path.binding.interfaceName);
      if (path.intervalMs >= leastIntervalMs) rarelyChecked.add(path.binding.interfaceName);
    }
  }
  return { carrying, rarelyChecked };
}
