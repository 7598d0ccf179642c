/**
 * What the traffic itself shows. Silence where answers are usual is never a verdict: it makes a check due at
 * once. When that check fails too, the outage began with the silence, for until then answers came. From then on
 * checks alone are believed: a dead line may still bring ARP replies and broadcasts.
 */
import type { TrafficEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { PathKey } from '../../../models/path.ts';
import type { PathState, State } from '../state/state.ts';

const freshMs = 1000; // a check that silence caused begins within this time

/** Records that traffic is no longer answered, or is again. Returns the paths to be checked because of it. */
export function noteTraffic(state: State, event: TrafficEvent): readonly PathKey[] {
  const concerned: PathKey[] = [];
  for (const path of state.paths.values()) {
    if (path.binding?.interfaceName !== event.device) continue;
    if (!state.active[path.family].includes(path.provider.id)) continue; // the traffic is another's
    if (event.silentSince === undefined) path.silence = undefined;
    else if (noteSilence(path, event.silentSince, event.at)) concerned.push(path.key);
  }
  return concerned;
}

/** When the outage began whose first failed check started then: with the silence that caused the check. */
export function outageStart({ silence }: PathState, startedAt: Instant): Instant {
  if (silence === undefined || startedAt - silence.noticedAt > freshMs) return startedAt;
  return Math.min(silence.since, startedAt);
}

/** Returns whether the path must be checked: not if a check has passed that began in the silence. */
function noteSilence(path: PathState, since: Instant, noticedAt: Instant): boolean {
  if (path.liveness !== 'up' || path.lastStart === undefined || path.lastStart >= since) return false;
  path.silence = { since, noticedAt };
  return true;
}
