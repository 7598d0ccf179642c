/**
 * How long a provider must be reliable before traffic returns to it. The first failover of an hour costs it
 * `failbackDelay`; each further one doubles that, up to `maxFailbackDelay`, so that a line that keeps failing
 * does not move the traffic each time it works for a moment. The same delay holds for sharing the traffic of a
 * tier again. It chooses between working providers only: one that passes always replaces a dead one at once.
 */
import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import { count, duration } from '../format.ts';

const countedMs = 3_600_000;
const mostCounted = 24; // doubles the shortest delay that can be configured past the longest

type Delays = Pick<Config, 'failbackDelayMs' | 'maxFailbackDelayMs'>;

/** The delay after so many failovers away from a provider, ms. */
export function failbackDelay(failovers: number, { failbackDelayMs, maxFailbackDelayMs }: Delays): number {
  if (failovers < 2) return failbackDelayMs;
  return Math.min(failbackDelayMs * 2 ** (failovers - 1), Math.max(failbackDelayMs, maxFailbackDelayMs));
}

/** How many of these failovers still count. */
export function countFailovers(failovers: readonly Instant[], now: Instant): number {
  let n = 0;
  for (const at of failovers) if (counts(at, now)) n += 1;
  return n;
}

/** Those that still count. Times in the future are from before the clock was set. */
export function recentFailovers(failovers: readonly Instant[], now: Instant): readonly Instant[] {
  return failovers.filter((at) => counts(at, now)).slice(-mostCounted);
}

function counts(at: Instant, now: Instant): boolean {
  return at > now - countedMs && at <= now;
}

/** The delay and its reason: `failback delay 40 s: 3 failovers in the last hour`. `of`: whose it is. */
export function delayWords(delayMs: number, failovers: number, of = ''): string {
  const times = failovers < 2 ? '' : `: ${count(failovers, 'failover')} in the last hour`;
  return `failback delay${of} ${duration(delayMs)}${times}`;
}
