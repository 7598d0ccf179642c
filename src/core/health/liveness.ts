/**
 * Whether anything gets through right now, from the checks alone.
 *
 *              failed check              3rd failure and minOutage over
 *   up, unknown ──────────► doubt ──────────────────────────────────► down
 *        ▲                   │                                          │
 *        └── passed check ───┴──────────────── passed check ────────────┘
 *
 * The outage is counted from the start of the first failed check to the start of the last: what happened
 * before the first was not observed, unless the silence of the traffic caused that check (`traffic`). Nor is time counted in which nothing was observed because this process
 * was stopped or could not run its checks. A late answer proves that its check got through, so the outage can
 * only have begun after it.
 */
import type { Config } from '../../../models/config.ts';
import type { CheckEvent, LateEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { TestResult } from '../../../models/test-result.ts';
import { spendHurry } from '../state/recovery.ts';
import { spend } from '../state/spending.ts';
import type { PathState } from '../state/state.ts';
import type { Sample } from '../state/window.ts';
import { closeWatchMs, decayed, outageScaleMs, penaltyCeiling, quietMs, unseenOutage } from './damping.ts';
import { policedPaceMs } from './policing.ts';
import { noteReturn } from './recovery.ts';
import { excuseStall, noteSight } from './sight.ts';
import { outageStart } from './traffic.ts';

const neverAnsweredMs = 650; // a first echo is overdue after 0.7 s
const gapShare = 0.75; // of the time in which an outage ended, as much of it as counts
const rememberedFailures = 64; // late answers to earlier checks no longer count

/** Records a finished check. One that could not be run says nothing about the provider. */
export function noteCheck(path: PathState, event: CheckEvent, config: Config): void {
  path.lastStart = event.startedAt;
  path.lastEnd = event.at;
  path.checks += 1;
  if (event.bytes !== undefined) spend(path, event.at, { bytes: event.bytes, checks: 1 });
  if (!noteSight(path, event)) return;
  const { result, startedAt } = event;
  if (result.ok && path.liveness === 'down') endOutage(path, startedAt, config);
  const stored = store(path, event, config);
  if (!result.ok) fail(path, startedAt, result.reason, config);
  else {
    penaliseRest(path, startedAt, config);
    succeed(path, event.at, stored, config);
  }
  path.seenUntil = event.at;
}

/** Records an answer to a check that was already counted as failed. */
export function noteLate(path: PathState, event: LateEvent, config: Config): void {
  path.packets.answer(event.startedAt, event.target);
  if (event.ofPacketOnly) return;
  path.window.amend(event.startedAt, event.untimed ? undefined : event.rttMs);
  if (!path.failedStarts.includes(event.startedAt)) return;
  path.failedStarts = path.failedStarts.filter((start) => start > event.startedAt);
  path.consecutiveFailed = path.failedStarts.length;
  const [first] = path.failedStarts;
  path.failedSince = first === undefined ? undefined : Math.max(first, path.failedSince ?? first);
  if (path.failedSince === undefined) {
    if (path.liveness === 'down') endOutage(path, event.startedAt, config);
    succeed(path, event.at, false, config);
    return;
  }
  path.outageFrom = first;
  path.liveness = liveness(path, config);
}

/**
 * Packets of a round that passed were not answered although they were sent at the same time: the line loses some, or
 * an ISP lets only so many through. Then asking faster shows nothing but more losses, and it is left in peace.
 */
export function calm(path: PathState, at: Instant, config: Config): void {
  path.pacing.closeWatchUntil = 0;
  path.pacing.burstsFrom = at + quietMs(config);
}

/** Has the path checked more often for a moment: something was wrong, but not enough to doubt it. */
export function watchClosely(path: PathState, config: Config, at: Instant): void {
  const { pacing } = path;
  if (at < Math.max(pacing.watchesFrom, pacing.burstsFrom)) return;
  pacing.watchesFrom = at + quietMs(config);
  pacing.closeWatchUntil = Math.max(pacing.closeWatchUntil, at + 2 * outageScaleMs(config));
}

/**
 * Why the checks fail on a path through which nothing has got since this run began, after two checks or 0.65
 * seconds: deadlines are long until a target's usual RTT is known, and if another provider works there is no
 * need to wait for three.
 */
export function neverAnsweredReason(path: PathState, now: Instant): string | undefined {
  const { health, liveness, window, consecutiveFailed, failedSince } = path;
  if (health !== 'unknown' || liveness !== 'doubt' || window.failed < window.samples) return undefined;
  const isEnough = consecutiveFailed >= 2 || now - (failedSince ?? now) >= neverAnsweredMs;
  return isEnough ? path.lastReason : undefined;
}

/** How long nothing has got through, ms, from first to last failed check; 0 after a check that passed. */
export function outageMs(path: PathState): number {
  const last = path.failedStarts.at(-1);
  return path.failedSince === undefined || last === undefined ? 0 : last - path.failedSince;
}

/**
 * Ends an outage that was judged, with a check that started at `until`: what was judged is over, so its samples
 * leave the window. Otherwise they would count a second time, against a line that works.
 */
function endOutage(path: PathState, until: Instant, config: Config): void {
  const from = path.outageFrom ?? until;
  path.window.drop(from, until);
  path.packets.withdrawFrom(from);
  path.lastStoredStart = undefined; // the first check that passes counts
  noteReturn(path, { from, until }, config);
}

/**
 * Keeps one sample per `checkInterval`, so that the window's counts mean what an operator expects: the faster
 * checks made in doubt are left out.
 */
function store(path: PathState, { startedAt, result }: CheckEvent, config: Config): boolean {
  const spacing = config.checkIntervalMs * 0.85; // starts of regular checks are spread by up to 10 %
  if (path.lastStoredStart !== undefined && startedAt - path.lastStoredStart < spacing) return false;
  path.lastStoredStart = startedAt;
  path.window.push(sampleOf(startedAt, result));
  return true;
}

function sampleOf(startedAt: Instant, result: TestResult): Sample {
  if (!result.ok) return { startedAt, rttMs: undefined };
  return result.untimed ? { startedAt, rttMs: undefined, untimed: true } : { startedAt, rttMs: result.rttMs };
}

function succeed(path: PathState, at: Instant, stored: boolean, config: Config): void {
  if (path.liveness === 'doubt' && at >= path.pacing.burstsFrom)
    path.pacing.closeWatchUntil = at + closeWatchMs(config);
  path.consecutiveFailed = 0;
  path.failedSince = undefined;
  path.outageFrom = undefined;
  path.silence = undefined;
  if (path.failedStarts.length > 0) path.failedStarts = [];
  path.liveness = 'up';
  const { recovery } = path;
  if (stored || recovery.isHurried) path.consecutiveSucceeded += 1;
  if (recovery.isHurried) spendHurry(recovery);
}

function fail(path: PathState, startedAt: Instant, reason: string, config: Config): void {
  const unseen = unseenMs(path, startedAt, config);
  path.consecutiveFailed += 1;
  if (path.consecutiveSucceeded > 0) path.recovery.isHurried = false;
  path.consecutiveSucceeded = 0;
  path.outageFrom ??= startedAt;
  path.failedSince =
    path.failedSince === undefined ? outageStart(path, startedAt) : path.failedSince + unseen;
  path.failedStarts.push(startedAt);
  if (path.failedStarts.length > rememberedFailures) path.failedStarts.shift();
  path.lastReason = reason;
  penalise(path, startedAt - unseen, config);
  path.liveness = liveness(path, config);
  if (path.liveness === 'down') path.recovery.sign = undefined;
}

/** How much of the time before a check that failed, ms, may be excused because nobody looked. */
function unseenMs(path: PathState, startedAt: Instant, config: Config): number {
  const ms = unobservedMs(path, startedAt, config);
  return ms > 0 && excuseStall(path.sight) ? ms : 0;
}

/**
 * How long a path in doubt went unobserved, ms, between the last check that could be run and one that starts
 * now. In doubt, checks follow each other fast: one that is late by more than an interval was held up.
 */
function unobservedMs(path: PathState, startedAt: Instant, config: Config): number {
  const previous = path.failedStarts.at(-1);
  if (path.liveness !== 'doubt' || previous === undefined || path.seenUntil === undefined) return 0;
  const paceMs = 2 * Math.min(config.confirmIntervalMs, config.checkIntervalMs) + path.seenUntil - previous;
  const lateMs = startedAt - path.seenUntil - paceMs;
  const usualMs = Math.max(config.checkIntervalMs, policedPaceMs(path));
  return lateMs > usualMs ? startedAt - path.seenUntil : 0;
}

/**
 * Adds most of a longer time between the last check that failed and one that passed: somewhere in it the outage
 * ended. A time in which nobody looked is nobody's outage.
 */
function penaliseRest(path: PathState, startedAt: Instant, config: Config): void {
  const first = Math.min(2, config.maxConsecutiveFailedChecks + 1);
  const last = path.failedStarts.at(-1);
  if (path.liveness !== 'doubt' || last === undefined || path.consecutiveFailed < first) return;
  const gapMs = startedAt - last - 2 * config.confirmIntervalMs - unobservedMs(path, startedAt, config);
  if (gapMs > 0) addPenalty(path, startedAt, { added: (gapShare * gapMs) / outageScaleMs(config), config });
}

/** Adds what the outage has grown by. A single lost packet is loss, counted by the window, not an outage. */
function penalise(path: PathState, startedAt: Instant, config: Config): void {
  const first = Math.min(2, config.maxConsecutiveFailedChecks + 1);
  if (path.liveness === 'down' || path.consecutiveFailed < first) return;
  const grownMs =
    path.consecutiveFailed === first ? outageMs(path) : startedAt - (path.failedStarts.at(-2) ?? startedAt);
  const added = grownMs / outageScaleMs(config) + (path.consecutiveFailed === first ? unseenOutage : 0);
  addPenalty(path, startedAt, { added, config });
}

function addPenalty(
  path: PathState,
  at: Instant,
  { added, config }: { added: number; config: Config },
): void {
  path.penalty = Math.min(penaltyCeiling, decayed(path.penalty, path.penaltyAt, at, config) + added);
  path.penaltyAt = at;
}

function liveness(path: PathState, config: Config): 'doubt' | 'down' {
  if (path.liveness === 'down') return 'down';
  const enough = path.consecutiveFailed > config.maxConsecutiveFailedChecks;
  return enough && outageMs(path) >= config.minOutageMs ? 'down' : 'doubt';
}
