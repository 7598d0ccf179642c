import type { Instant } from '../models/instant.ts';

/** The present instant: wall-clock time as of the start, counted on by a clock that never steps. */
export function now(): Instant {
  return performance.timeOrigin + performance.now();
}
