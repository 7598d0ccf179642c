/** Whose traffic is worth watching: that of the devices which carry it, where checks alone notice less. */
import { families, pathKey } from '../../../models/path.ts';
import { checksSuspended } from '../election/new-traffic.ts';
import type { State } from '../state/state.ts';

const leastIntervalMs = 250; // more frequent checks notice an outage as soon as their traffic does

/** The devices of all active paths that can be checked. */
export function watchedDevices(state: State): ReadonlySet<string> {
  const devices = new Set<string>();
  for (const family of families) {
    if (checksSuspended(state, family)) continue;
    for (const id of state.active[family]) {
      const path = state.paths.get(pathKey(id, family));
      if (path?.binding === undefined || path.obstacle !== undefined) continue;
      if (path.intervalMs >= leastIntervalMs) devices.add(path.binding.interfaceName);
    }
  }
  return devices;
}
