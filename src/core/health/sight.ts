/**
 * Whether anybody looked. A check that could not be made says nothing about the provider; but when none could be
 * made for long, nothing is known of the path any more, and one that is known to work is preferred.
 */
import type { CheckEvent } from '../../../models/event.ts';
import { isNotRun } from '../../../models/test-result.ts';
import type { Sight } from '../state/sight.ts';
import type { PathState } from '../state/state.ts';

/** Nothing is known after this many checks that could not be made, over this many intervals and milliseconds. */
const lostAfter = { checks: 3, intervals: 10, ms: 10_000 };

/**
 * How often in a row a stall of this process excuses what it may not have seen. Answers are read before they are
 * called missing, so only a machine that was suspended misses one, and it is not suspended all the time.
 */
const mostExcused = 5;

/** Notes whether a check could be made. False if it says nothing about the provider. */
export function noteSight(path: PathState, { result, at }: CheckEvent): boolean {
  const { sight } = path;
  if (result.ok) sight.stalls = 0;
  if (result.ok || !isNotRun(result) || (result.code === 'stalled' && !excuseStall(sight))) {
    path.notRun = undefined;
    sight.times = 0;
    sight.isLost = false;
    return true;
  }
  path.notRun = result.reason;
  if (sight.times === 0) sight.since = at;
  sight.times += 1;
  const leastMs = Math.max(lostAfter.ms, lostAfter.intervals * path.intervalMs);
  if (sight.times >= lostAfter.checks && at - sight.since >= leastMs) loseSight(path);
  return false;
}

/** Whether one more stall of this process may have hidden an answer. */
export function excuseStall(sight: Sight): boolean {
  sight.stalls += 1;
  return sight.stalls <= mostExcused;
}

/** What was known before is out of date, but for an outage: nothing proves that it is over. */
function loseSight(path: PathState): void {
  path.sight.isLost = true;
  if (path.liveness === 'down') return;
  path.liveness = 'unknown';
  path.consecutiveFailed = 0;
  path.consecutiveSucceeded = 0;
  path.failedSince = undefined;
  path.outageFrom = undefined;
  path.failedStarts = [];
}
