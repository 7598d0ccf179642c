import type { Sticky } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import type { CoreSnapshot } from '../core/report/snapshot.ts';

/** The present instant: wall-clock time as of the start, counted on by a clock that never steps. */
export function now(): Instant {
  return performance.timeOrigin + performance.now();
}

/** A pin whose end was written by the wall clock, with its end as `now()` will count it. */
export function onOurClock(sticky: Sticky | undefined): Sticky | undefined {
  return sticky?.until === undefined
    ? sticky
    : { ...sticky, until: sticky.until + aheadMs(), written: sticky.until };
}

/** An instant of ours as the wall clock shows it now: for people, never for a decision. */
export function onWallClock(at: Instant): Instant {
  return at - aheadMs();
}

/** The instants of a snapshot as the wall clock shows them; `lastDecision` keeps the time at which it was told. */
export function byWallClock(snapshot: CoreSnapshot): CoreSnapshot {
  const { at, startedAt, sticky, paths, deadTargets } = snapshot;
  return {
    ...snapshot,
    at: onWallClock(at),
    startedAt: onWallClock(startedAt),
    sticky: sticky && { id: sticky.id, until: sticky.until && onWallClock(sticky.until) },
    paths: paths.map((path) => ({ ...path, since: path.since && onWallClock(path.since) })),
    deadTargets: deadTargets.map((target) => ({ ...target, since: onWallClock(target.since) })),
  };
}

/**
 * They differ by as much as the wall clock was stepped, or the machine slept, since the start; to the second, so that a
 * second reading says the same.
 */
function aheadMs(): number {
  return Math.round((now() - Date.now()) / 1000) * 1000;
}
