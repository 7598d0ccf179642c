/** When each path is checked next: steady while all is well, at once and fast in doubt. */
import type { CheckPlan } from '../../../models/check-plan.ts';
import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import { checksSuspended } from '../election/new-traffic.ts';
import type { PathState, State } from '../state/state.ts';
import { isBudgeted, minimumIntervalMs } from './probe-budget.ts';

/**
 * How much earlier than planned a steady check may start, of its interval: of a thousand paths twenty are checked each time
 * that the process wakes up, instead of one. Little beside the spread of starts.
 */
const slackRatio = 0.02;

/** The next check of a path; `undefined` while there is nothing to check it through, or the operator said not to. */
export function nextCheck(state: State, path: PathState): CheckPlan | undefined {
  if (path.binding === undefined || path.obstacle !== undefined) return undefined;
  if (checksSuspended(state, path.family)) return undefined;
  const slowMs = minimumIntervalMs(state, path);
  const isAsked = isAskedForOthers(state, path);
  const plan = {
    at: isAsked ? (path.lastEnd ?? state.at) : startOf(state, path, slowMs),
    burst: isAsked || path.liveness === 'doubt' || path.lastStart === undefined, // the first one learns every target's RTT
    binding: path.binding,
    setAside: state.deadTargets[path.family],
    slackMs: isSteady(state, path) ? path.intervalMs * slackRatio : 0, // in the literal: a spread costs 1 µs a result
  };
  return slowMs > path.intervalMs ? { ...plan, slowdown: slowMs / path.intervalMs } : plan;
}

/** Whether nothing depends on when exactly the path is checked. In doubt the instants of checks measure an outage. */
function isSteady({ allDown }: State, { liveness, family, lastEnd, closeWatchUntil }: PathState): boolean {
  return liveness === 'up' && !allDown[family] && lastEnd !== undefined && lastEnd >= closeWatchUntil;
}

/** Whether a target that seems to be dead must be asked through a path that works, and was not since it seems so. */
function isAskedForOthers({ suspectedAt }: State, { liveness, lastStart, family }: PathState): boolean {
  return liveness === 'up' && lastStart !== undefined && lastStart < suspectedAt[family];
}

function startOf(state: State, path: PathState, slowMs: number): Instant {
  const { config } = state;
  const { lastStart, lastEnd } = path;
  if (lastStart === undefined || lastEnd === undefined) return firstStart(state, path);
  const { intervalMs, liveness } = path;
  if (liveness === 'doubt' && slowMs === 0) return confirmStart(path, { lastStart, lastEnd, config });
  const watched = lastEnd < path.closeWatchUntil || state.allDown[path.family];
  if (watched && !isBudgeted(state, path))
    return Math.max(
      lastEnd,
      lastStart + Math.max(config.checkIntervalMs / 5, fastestMs(config)) * spread(path),
    );
  // Doubt is settled no more slowly than that: who looks more seldom does not see how long an outage is.
  const paceMs = liveness === 'doubt' ? config.checkIntervalMs : Math.max(intervalMs, slowMs);
  return Math.max(lastEnd, lastStart + paceMs * spread(path));
}

/** The next check in doubt: soon, but none that would put off the one due where `minOutage` ends. */
function confirmStart(
  path: PathState,
  { lastStart, lastEnd, config }: { lastStart: Instant; lastEnd: Instant; config: Config },
): Instant {
  const soonest = Math.max(lastEnd, lastStart + fastestMs(config));
  const verdictAt = (path.failedSince ?? lastStart) + config.minOutageMs;
  const paceMs = Math.max(lastEnd - lastStart, fastestMs(config));
  const canTell = path.consecutiveFailed >= config.maxConsecutiveFailedChecks; // that one would be the last needed
  const isInTheWay = canTell && soonest < verdictAt && verdictAt < soonest + paceMs;
  return isInTheWay ? verdictAt : soonest;
}

function fastestMs(config: Config): number {
  return Math.min(config.confirmIntervalMs, config.checkIntervalMs);
}

/** First checks start spread over one interval, in an order that does not favour the head of the list. */
function firstStart(state: State, path: PathState): Instant {
  const index = [...state.paths.keys()].indexOf(path.key);
  const spreadMs = Math.min(state.config.checkIntervalMs, 1000) / 4;
  return path.readyAt + (index < 4 ? 0 : golden(index) * spreadMs);
}

/**
 * 0.9..1.1, never in step with anything periodic: a line that fails every other second cannot hide between checks. Checks
 * that follow each other are spread evenly, and every eighth begins at another place, for after the bursts of a failover,
 * about as many checks each time, the even sequence alone comes back to nearly the same value.
 */
function spread({ checks, key }: PathState): number {
  let hash = checks >> 3;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193); // FNV-1a
  return 0.9 + 0.2 * ((golden(checks) + mixed(hash) / 2 ** 32) % 1);
}

/** Every bit of a 32-bit integer spread over all of them (the finisher of MurmurHash3). */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The golden ratio's low-discrepancy sequence, 0..1. */
function golden(n: number): number {
  return (n * 0.6180339887498949) % 1;
}
