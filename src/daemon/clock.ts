import type { Sticky } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import type { Lease, Reported } from '../../models/lease.ts';
import type { FailbackWait } from '../../models/snapshot.ts';
import type { CoreSnapshot } from '../core/report/snapshot.ts';

/** The current instant: wall-clock time at the start, advanced by a clock that never steps. */
export function now(): Instant {
  return performance.timeOrigin + performance.now();
}

/** A pin whose end was written in wall-clock time, with that end converted to the clock of `now()`. */
export function onOurClock(sticky: Sticky | undefined): Sticky | undefined {
  return sticky?.until === undefined
    ? sticky
    : { ...sticky, until: sticky.until + aheadMs(), written: sticky.until };
}

/** An instant of `now()` in wall-clock time: for display, never for a decision. */
export function onWallClock(at: Instant): Instant {
  return at - aheadMs();
}

/** An instant of wall-clock time on the clock of `now()`. */
export function fromWallClock(at: Instant): Instant {
  return at + aheadMs();
}

/** The instants of a snapshot in wall-clock time; `lastDecision` keeps the time at which it was reported. */
export function byWallClock(snapshot: CoreSnapshot): CoreSnapshot {
  const { at, startedAt, sticky, paths, deadTargets } = snapshot;
  return {
    ...snapshot,
    at: onWallClock(at),
    startedAt: onWallClock(startedAt),
    sticky: sticky && { id: sticky.id, until: sticky.until && onWallClock(sticky.until) },
    paths: paths.map((path) => ({
      ...path,
      since: path.since && onWallClock(path.since),
      ...(path.lease && { lease: leaseByWallClock(path.lease) }),
      ...(path.failback && { failback: waitByWallClock(path.failback) }),
    })),
    deadTargets: deadTargets.map((target) => ({ ...target, since: onWallClock(target.since) })),
  };
}

function leaseByWallClock({ gateway, dns }: Pick<Lease, 'gateway' | 'dns'>): Pick<Lease, 'gateway' | 'dns'> {
  return {
    ...(gateway && { gateway: reportedByWallClock(gateway) }),
    ...(dns && { dns: reportedByWallClock(dns) }),
  };
}

function reportedByWallClock<T>(reported: Reported<T>): Reported<T> {
  const { at, until } = reported;
  return { ...reported, at: onWallClock(at), ...(until !== undefined && { until: onWallClock(until) }) };
}

function waitByWallClock({ dueAt, ...wait }: FailbackWait): FailbackWait {
  return dueAt === undefined ? wait : { ...wait, dueAt: onWallClock(dueAt) };
}

/**
 * How far `now()` is ahead of the wall clock, ms: by the steps of the wall clock and the time the machine
 * slept since the start. Rounded to the second, so that a second reading gives the same.
 */
function aheadMs(): number {
  return Math.round((now() - Date.now()) / 1000) * 1000;
}
