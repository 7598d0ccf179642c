import type { Sticky } from '../models/event.ts';
import type { Instant } from '../models/instant.ts';

/** The present instant: wall-clock time as of the start, counted on by a clock that never steps. */
export function now(): Instant {
  return performance.timeOrigin + performance.now();
}

/**
 * A pin whose end was written by the wall clock, with its end as `now()` will count it. They differ by as much as the
 * wall clock was stepped, or the machine slept, since the start; to the second, so that a second reading says the same.
 */
export function onOurClock(sticky: Sticky | undefined): Sticky | undefined {
  const aheadMs = Math.round((now() - Date.now()) / 1000) * 1000;
  return sticky?.until === undefined ? sticky : { ...sticky, until: sticky.until + aheadMs };
}
