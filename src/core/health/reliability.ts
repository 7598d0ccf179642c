/**
 * Whether a path can be trusted with traffic: trust is gained slowly and lost at once.
 *
 *   reliable → unreliable   nothing gets through (liveness down), or an obstacle (carrier, address, device),
 *                           or the window exceeds a limit, or it flaps
 *   unreliable → reliable   none of those, enough successes in a row, figures within their `up` limits,
 *                           hold-down over
 *   unknown → either        by the same rules; without evidence it stays unknown
 *   either → unknown        no check could be made for long
 */
import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Layer } from '../../../models/layer.ts';
import type { Limits } from '../../../models/setting.ts';
import type { Health } from '../../../models/snapshot.ts';
import { count, duration, percent } from '../format.ts';
import type { LimitedFigure } from '../state/recovery.ts';
import type { PathState } from '../state/state.ts';
import type { Explain } from '../state/why.ts';
import type { Window } from '../state/window.ts';
import type { Cause } from './cause.ts';
import { decayed, reuseAt, suppressAt } from './damping.ts';
import { above } from './evidence.ts';
import { outageMs } from './liveness.ts';
import { limitInForce } from './load.ts';
import { type Loss, lossOf, lossWords } from './loss.ts';
import { neededChecks } from './recovery.ts';
import { flapped, held, proving, risen } from './regaining-trust.ts';

/** A health and its reason. */
export interface Verdict {
  readonly health: Health;
  readonly why: Explain;
  readonly exceeds?: LimitedFigure; // its `down` limit: until it is within its `up` limit there is no trust
}

/** What stands in the way of trust. */
interface Excess {
  readonly why: Explain;
  readonly figure?: LimitedFigure; // that is over its limit
}

/** The health a path deserves now, given its current one. `cause`: why nothing gets through, if known. */
export function judge(path: PathState, config: Config, now: Instant, cause: Cause | undefined): Verdict {
  const broken = obstructed(path) ?? dead(path, config);
  if (broken === undefined && path.sight.isLost) return { health: 'unknown', why: unseen(path, now) };
  if (broken !== undefined) return { health: 'unreliable', why: withCause(path, broken, cause) };
  const excess = overLimit(path, config, 'down');
  if (excess !== undefined) {
    return { health: 'unreliable', why: withCause(path, excess.why, cause), ...exceeding(excess) };
  }
  const penalty = decayed(path.penalty, path.penaltyAt, now, config);
  if (penalty > suppressAt) return { health: 'unreliable', why: withCause(path, flaps(penalty), cause) };
  if (path.health === 'reliable') return { health: 'reliable', why: path.why };
  const wait = waiting(path, config, now, penalty);
  if (wait !== undefined) return { health: path.health, why: wait.why, ...exceeding(wait) };
  return { health: 'reliable', why: risen(path, config) };
}

function exceeding({ figure }: Excess): Pick<Verdict, 'exceeds'> {
  return figure === undefined ? {} : { exceeds: figure };
}

/** Puts what is known of the broken layer first: it says more than the figures. */
function withCause({ obstacle }: PathState, why: Explain, cause: Cause | undefined): Explain {
  if (cause === undefined) return why;
  return obstacle !== undefined && cause.layer !== 'radio' ? why : explained(why, cause);
}

function explained(why: Explain, { layer, words }: Cause): Explain {
  return () => {
    const { reason, numbers, evidence } = why();
    return {
      reason: words === undefined ? reason : `${words}; ${reason}`,
      numbers: { ...numbers, layer },
      evidence,
    };
  };
}

// Each rule tests first and leaves the words to another function: creating a closure costs time.

function obstructed({ obstacle, findings }: PathState): Explain | undefined {
  return obstacle === undefined ? undefined : blocked(obstacle, findings.obstacle);
}

function blocked(obstacle: string, layer: Layer | undefined): Explain {
  return () => ({ reason: obstacle, numbers: { obstacle, ...(layer && { layer }) }, evidence: [] });
}

function dead(path: PathState, config: Config): Explain | undefined {
  return path.liveness === 'down' ? silent(path, config) : undefined;
}

function silent(path: PathState, config: Config): Explain {
  const outage = outageMs(path);
  const { consecutiveFailed, lastReason } = path;
  const { beyond = false, answered = false } = path.findings.fault ?? {};
  const what = beyond || answered ? 'no check passed' : 'nothing got through';
  const { maxConsecutiveFailedChecks, minOutageMs } = config;
  return () => {
    const failures = `${count(consecutiveFailed, 'check')} failed in a row (limit ${maxConsecutiveFailedChecks})`;
    const silence = `${what} for ${duration(outage)} (limit ${duration(minOutageMs)})`;
    const last = lastReason === undefined ? '' : `; last: ${lastReason}`;
    return {
      reason: consecutiveFailed === 0 ? 'no check has passed yet' : `${failures}, ${silence}${last}`,
      numbers: { consecutiveFailed, maxConsecutiveFailedChecks, outageMs: Math.round(outage), minOutageMs },
      evidence: [
        above('consecutiveFailed', consecutiveFailed, 'checks', maxConsecutiveFailedChecks),
        { ...above('outage', Math.round(outage), 'ms', minOutageMs), crossed: outage >= minOutageMs },
      ],
    };
  };
}

/**
 * The first limit that the figures exceed. Going down these are the `down` limits; coming up the `up` limits of
 * those figures that took the path's trust, so that a line which always loses a little comes back from an outage.
 */
function overLimit(path: PathState, config: Config, direction: 'down' | 'up'): Excess | undefined {
  const { window } = path;
  const { loss, rtt, jitter } = config;
  if (window.failed > config.maxFailedChecks) return { why: tooManyFailed(window, config) };
  return (
    (loss === 'none' ? undefined : tooLossy(path, loss, sideOf(path, 'loss', direction))) ??
    (rtt && over('rtt', window.rttMs, limitInForce(path, rtt, sideOf(path, 'rtt', direction)))) ??
    (jitter && over('jitter', window.jitterMs, limitInForce(path, jitter, sideOf(path, 'jitter', direction))))
  );
}

function sideOf({ recovery }: PathState, figure: LimitedFigure, direction: 'down' | 'up'): 'down' | 'up' {
  return recovery.exceeded.has(figure) ? direction : 'down';
}

function tooManyFailed({ failed, samples }: Window, { maxFailedChecks }: Config): Explain {
  return () => ({
    reason: `${failed} of the last ${count(samples, 'check')} failed (limit ${maxFailedChecks})`,
    numbers: { failedInWindow: failed, samples, maxFailedChecks },
    evidence: [above('failedInWindow', failed, 'checks', maxFailedChecks)],
  });
}

/** Whether the loss exceeds its limit; a single lost packet never does. */
function tooLossy(path: PathState, limits: Limits<number>, side: 'down' | 'up'): Excess | undefined {
  const limit = limitInForce(path, limits, side);
  if (limit === undefined || (!path.packets.isEmpty && !path.packets.mayExceed(limit))) return undefined;
  const loss = lossOf(path);
  if (loss === undefined || loss.ratio <= limit || loss.lost < 2) return undefined;
  return { figure: 'loss', why: losing(loss, limit) };
}

function losing(loss: Loss, limit: number): Explain {
  return () => {
    const rounded = percent(loss.ratio);
    const shown = rounded === percent(limit) ? `${(100 * loss.ratio).toFixed(1)} %` : rounded;
    return {
      reason: `loss is ${shown} (limit ${percent(limit)}): ${lossWords(loss)}`,
      numbers: { loss: loss.ratio, limit, lost: loss.lost, asked: loss.asked },
      evidence: [above('loss', loss.ratio, 'ratio', limit)],
    };
  };
}

function over(
  figure: 'rtt' | 'jitter',
  value: number | undefined,
  limit: number | undefined,
): Excess | undefined {
  if (value === undefined || limit === undefined || value <= limit) return undefined;
  return { figure, why: tooSlow(figure, value, limit) };
}

function tooSlow(figure: 'rtt' | 'jitter', value: number, limit: number): Explain {
  return () => ({
    reason: `${figure} is ${duration(value)} (limit ${duration(limit)})`,
    numbers: { [figure]: value, limit },
    evidence: [above(figure, value, 'ms', limit)],
  });
}

function flaps(penalty: number): Explain {
  return () => ({
    reason: `it flaps: several short outages in a row (penalty ${penalty.toFixed(1)}, limit ${suppressAt})`,
    numbers: { penalty: Number(penalty.toFixed(2)), suppressAt },
    evidence: [above('penalty', Number(penalty.toFixed(2)), 'points', suppressAt)],
  });
}

/** Nobody looked for so long that nothing is known. */
function unseen({ notRun, sight, seenUntil }: PathState, now: Instant): Explain {
  const ms = Math.round(now - Math.min(seenUntil ?? sight.since, sight.since));
  return () => ({
    reason: `not checked for ${duration(ms)}: ${notRun}`,
    numbers: { notCheckedMs: ms },
    evidence: [],
  });
}

/** Why an unreliable or unknown path is not reliable yet. */
function waiting(path: PathState, config: Config, now: Instant, penalty: number): Excess | undefined {
  const over = overLimit(path, config, 'up');
  if (over !== undefined) return over;
  if (path.consecutiveSucceeded < neededChecks(config)) return { why: proving(path, config, now) };
  if (path.health !== 'unreliable') return undefined;
  if (penalty >= reuseAt) return { why: flapped(penalty) };
  const leftMs = path.since === undefined ? 0 : path.since + config.holdDownMs - now;
  return leftMs > 0 ? { why: held(leftMs, config) } : undefined;
}
