/** When each path is checked next: steady while all is well, at once and fast in doubt. */
import type { CheckPlan, UsualRtt } from '../../../models/check-plan.ts';
import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import { checksSuspended } from '../election/new-traffic.ts';
import { policedPaceMs } from '../health/policing.ts';
import { isHurried } from '../health/recovery.ts';
import type { PathState, Silence, State } from '../state/state.ts';
import { isBudgeted, minimumIntervalMs } from './probe-budget.ts';

/**
 * How much earlier than planned a steady check may start, as a share of its interval: with a thousand paths,
 * twenty are checked each time the process wakes up instead of one. Small compared with the spread of starts.
 */
const slackRatio = 0.02;

/** The next check of a path; `undefined` while it has no usable binding or its checks are disabled. */
export function nextCheck(state: State, path: PathState): CheckPlan | undefined {
  if (path.binding === undefined || path.obstacle !== undefined) return undefined;
  if (checksSuspended(state, path.family)) return undefined;
  const slowMs = minimumIntervalMs(state, path);
  const isUrgent = mustProbeSuspect(state, path);
  const silence = unexplained(path);
  const confirms = path.liveness === 'doubt' && !isLeft(state, path);
  const plan = {
    at: silence?.noticedAt ?? (isUrgent ? (path.lastEnd ?? state.at) : startOf(state, path, slowMs)),
    burst: isUrgent || confirms || path.lastStart === undefined, // the first learns all RTTs
    binding: path.binding,
    setAside: state.deadTargets[path.family],
    slackMs: isSteady(state, path) ? path.intervalMs * slackRatio : 0, // a spread costs 1 µs per result
  };
  if (path.lastStart !== undefined && slowMs <= path.intervalMs) return plan;
  return { ...plan, ...exceptions(path, slowMs) };
}

/** What is rarely part of a plan. */
function exceptions(path: PathState, slowMs: number): Pick<CheckPlan, 'usual' | 'slowdown'> {
  const { intervalMs, lastStart } = path;
  const usual = lastStart === undefined ? usualRtt(path) : undefined;
  return { ...(usual && { usual }), ...(slowMs > intervalMs && { slowdown: slowMs / intervalMs }) };
}

/** How long answers took through the line that the path is bound to, as far as that is remembered. */
function usualRtt({ window, slowRtt }: PathState): UsualRtt | undefined {
  const { rttMs, jitterMs = 0 } = window;
  if (rttMs !== undefined) return { rttMs, jitterMs, isOld: false };
  return slowRtt && { ...slowRtt, isOld: true };
}

/** Whether the exact time of the next check is irrelevant. In doubt, it measures an outage. */
function isSteady({ allDown }: State, path: PathState): boolean {
  const { liveness, family, lastEnd, pacing } = path;
  if (isHurried(path)) return false;
  return liveness === 'up' && !allDown[family] && lastEnd !== undefined && lastEnd >= pacing.closeWatchUntil;
}

/** Whether a path that works must now probe a suspected target, as it has not done so since the suspicion. */
function mustProbeSuspect({ suspectedAt }: State, { liveness, lastStart, family }: PathState): boolean {
  return liveness === 'up' && lastStart !== undefined && lastStart < suspectedAt[family];
}

/** The silence of a path that seemed up, if no check has begun since it was noticed. */
function unexplained({ silence, liveness, lastStart }: PathState): Silence | undefined {
  if (silence === undefined || liveness !== 'up' || lastStart === undefined) return undefined;
  return lastStart < silence.noticedAt ? silence : undefined;
}

/**
 * Whether a path has been left for another: it carries nothing and is known not to be reliable. How bad it is need not
 * be known soon, and a line that loses packets must not cost more than one that does not.
 */
function isLeft({ active, allDown }: State, { family, provider, health }: PathState): boolean {
  return health === 'unreliable' && !allDown[family] && !active[family].includes(provider.id);
}

function startOf(state: State, path: PathState, slowMs: number): Instant {
  const { config } = state;
  const { lastStart, lastEnd } = path;
  if (lastStart === undefined || lastEnd === undefined) return firstStart(state, path);
  const { intervalMs, liveness } = path;
  const policedMs = policedPaceMs(path);
  const isPatient = isLeft(state, path) || isBudgeted(state, path) || policedMs > 0;
  if (liveness === 'doubt' && slowMs === 0 && !isLeft(state, path))
    return confirmStart(path, { lastStart, lastEnd, config });
  if (isHurried(path) && slowMs === 0 && policedMs === 0)
    return Math.max(lastEnd, lastStart + fastestMs(config));
  const watched = lastEnd < path.pacing.closeWatchUntil || state.allDown[path.family];
  if (watched && !isPatient)
    return Math.max(
      lastEnd,
      lastStart + Math.max(config.checkIntervalMs / 5, fastestMs(config)) * spread(path),
    );
  // In doubt never slower than that: with rarer checks the length of an outage would not be seen.
  const paceMs = liveness === 'doubt' ? config.checkIntervalMs : Math.max(intervalMs, slowMs, policedMs);
  return Math.max(lastEnd, lastStart + paceMs * spread(path));
}

/**
 * The next check in doubt: soon at first, then after twice as long each time, with the last one exactly where
 * `minOutage` ends. What a line answers is not to depend on how often it is asked: where an ISP lets few echoes a
 * second through, those before the last have left it enough time to let that one through.
 */
function confirmStart(
  path: PathState,
  { lastStart, lastEnd, config }: { lastStart: Instant; lastEnd: Instant; config: Config },
): Instant {
  const paceMs = Math.max(lastEnd - lastStart, confirmPaceMs(path, config));
  const soonest = lastStart + paceMs;
  const verdictAt = (path.failedSince ?? lastStart) + config.minOutageMs;
  const isLast = path.consecutiveFailed >= config.maxConsecutiveFailedChecks; // one more failure is enough
  if (!isLast || verdictAt <= lastStart || policedPaceMs(path) > 0) return soonest;
  const wouldDelay = verdictAt < soonest + paceMs && verdictAt - lastEnd <= config.checkIntervalMs;
  if (verdictAt <= soonest || wouldDelay) return Math.max(lastEnd, lastStart + fastestMs(config), verdictAt);
  return soonest;
}

/** Between the starts of two checks in doubt, ms. Where something answers, and wrongly, nothing is kept back. */
function confirmPaceMs(path: PathState, config: Config): number {
  const { maxConsecutiveFailedChecks: needed, minOutageMs } = config;
  const { answered = false, beyond = false } = path.findings.fault ?? {};
  if (answered || beyond) return fastestMs(config);
  const paceMs =
    (path.failedSince ?? 0) < path.pacing.burstsFrom
      ? minOutageMs / Math.max(1, needed) // no more checks than the verdict needs
      : config.confirmIntervalMs * 2 ** Math.max(0, path.consecutiveFailed - needed);
  const quickMs = Math.min(Math.max(paceMs, config.confirmIntervalMs), config.checkIntervalMs);
  return Math.max(quickMs, policedPaceMs(path));
}

function fastestMs(config: Config): number {
  return Math.min(config.confirmIntervalMs, config.checkIntervalMs);
}

/** Spreads first checks over part of an interval, without favouring the head of the list. */
function firstStart(state: State, path: PathState): Instant {
  const index = [...state.paths.keys()].indexOf(path.key);
  const spreadMs = Math.min(state.config.checkIntervalMs, 1000) / 4;
  return path.readyAt + (index < 4 ? 0 : golden(index) * spreadMs);
}

/**
 * 0.9..1.1, never in step with anything periodic: a line that fails every other second cannot hide between
 * checks. Consecutive checks are spread evenly, and every eighth starts from a new offset: the bursts of a
 * failover take about the same number of checks each time, after which the even sequence alone would return
 * to nearly the same value.
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
