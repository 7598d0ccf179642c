/** Which providers would carry traffic but for their failback delay, and for how long. */
import { pathKey } from '../../../models/path.ts';
import type { FailbackWait } from '../../../models/snapshot.ts';
import type { PathState, State } from '../state/state.ts';
import { countFailovers, failbackDelay } from './failback-delay.ts';
import { isPinned } from './new-traffic.ts';

/** What a path waits for; `undefined` if it carries traffic, or would not get any. */
export function failbackWait(state: State, path: PathState): FailbackWait | undefined {
  const { config, at } = state;
  const { provider, family, health, liveness, since, obstacle } = path;
  if (!path.expected || !provider.enabled || provider.tier === null) return undefined;
  const present = state.active[family];
  if (present.length === 0 || present.includes(provider.id)) return undefined;
  if (isPinned(state, family) || state.allDown[family]) return undefined;
  const failovers = countFailovers(path.failovers, at);
  const tier = tierOf(state, path);
  const joins = provider.tier === tier && failovers > 0;
  if (!joins && (provider.tier >= tier || config.failback === 'never')) return undefined;
  const delayMs = failbackDelay(failovers, config);
  const isCounting = health === 'reliable' && liveness === 'up' && obstacle === undefined;
  return { delayMs, failovers, ...(isCounting && since !== undefined && { dueAt: since + delayMs }) };
}

/** The tier that carries the traffic of a path's family. */
function tierOf({ active, paths }: State, { family }: PathState): number {
  const [first = ''] = active[family];
  return paths.get(pathKey(first, family))?.provider.tier ?? 0;
}
