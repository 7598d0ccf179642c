/**
 * Whether a path can be trusted with traffic: slow to give trust, at once to take it.
 *
 *   reliable → unreliable   nothing gets through (liveness down), or an obstacle (carrier, address, device), or a
 *                           limit of the window is passed, or it flaps
 *   unreliable → reliable   none of those, enough successes in a row, figures under their `up` limits, hold-down over
 *   unknown → either        by the same rules; without evidence it stays unknown
 */
import type { Config, Limits } from '../../models/config.ts';
import type { Instant } from '../../models/instant.ts';
import type { Health } from '../../models/snapshot.ts';
import { decayed, reuseAt, suppressAt } from './damping.ts';
import { outageMs } from './liveness.ts';
import type { PathState } from './state.ts';
import type { Summary } from './window.ts';
import { count, duration, percent } from './words.ts';

/** A health with its reason and the figures and limits that made it. */
export interface Verdict {
  readonly health: Health;
  readonly reason: string;
  readonly numbers: Readonly<Record<string, number | string | boolean>>;
}

type Finding = Omit<Verdict, 'health'>;

/** The health a path deserves now, given the one it has. */
export function judge(path: PathState, config: Config, now: Instant): Verdict {
  const fault =
    obstructed(path) ?? dead(path, config) ?? overLimit(path, config, 'down') ?? flapping(path, config, now);
  if (fault !== undefined) return { health: 'unreliable', ...fault };
  if (path.health === 'reliable') return { health: 'reliable', reason: path.why, numbers: {} };
  const wait = waiting(path, config, now);
  if (wait !== undefined) return { health: path.health, ...wait };
  return { health: 'reliable', ...risen(path, config) };
}

function obstructed({ obstacle }: PathState): Finding | undefined {
  return obstacle === undefined ? undefined : { reason: obstacle, numbers: { obstacle } };
}

function dead(path: PathState, config: Config): Finding | undefined {
  if (path.liveness !== 'down') return undefined;
  const outage = outageMs(path);
  const { consecutiveFailed } = path;
  const { maxConsecutiveFailedChecks, minOutageMs } = config;
  const failures = `${count(consecutiveFailed, 'check')} failed in a row (limit ${maxConsecutiveFailedChecks})`;
  const silence = `nothing got through for ${duration(outage)} (limit ${duration(minOutageMs)})`;
  const last = path.lastReason === undefined ? '' : `; last: ${path.lastReason}`;
  return {
    reason: consecutiveFailed === 0 ? 'no check has passed yet' : `${failures}, ${silence}${last}`,
    numbers: { consecutiveFailed, maxConsecutiveFailedChecks, outageMs: Math.round(outage), minOutageMs },
  };
}

/** The first limit that the window's figures pass. Going down uses the `down` side of limits, coming up the `up` side. */
function overLimit(path: PathState, config: Config, side: 'down' | 'up'): Finding | undefined {
  const summary = path.window.summary();
  const { maxFailedChecks } = config;
  if (summary.failed > maxFailedChecks) {
    return {
      reason: `${summary.failed} of the last ${count(summary.samples, 'check')} failed (limit ${maxFailedChecks})`,
      numbers: { failedInWindow: summary.failed, samples: summary.samples, maxFailedChecks },
    };
  }
  return (
    over('loss', lossRatio(summary, config.loss), config.loss?.[side], percent) ??
    over('rtt', summary.rttMs, config.rtt?.[side], duration) ??
    over('jitter', summary.jitterMs, config.jitter?.[side], duration)
  );
}

/** The loss, once there are enough samples for one lost packet not to be over the limit by itself. */
function lossRatio(summary: Summary, limits: Limits<number> | undefined): number | undefined {
  return limits !== undefined && summary.samples * limits.down >= 1 ? summary.lossRatio : undefined;
}

function over(
  figure: string,
  value: number | undefined,
  limit: number | undefined,
  show: (value: number) => string,
): Finding | undefined {
  if (value === undefined || limit === undefined || value <= limit) return undefined;
  return {
    reason: `${figure} is ${show(value)} (limit ${show(limit)})`,
    numbers: { [figure]: value, limit },
  };
}

function flapping(path: PathState, config: Config, now: Instant): Finding | undefined {
  const penalty = decayed(path.penalty, path.penaltyAt, now, config);
  if (penalty <= suppressAt) return undefined;
  return {
    reason: `it flaps: several short outages in a row (penalty ${penalty.toFixed(1)}, limit ${suppressAt})`,
    numbers: { penalty: Number(penalty.toFixed(2)), suppressAt },
  };
}

/** What an unreliable or unknown path still lacks to be reliable. */
function waiting(path: PathState, config: Config, now: Instant): Finding | undefined {
  const { minConsecutiveSucceededChecks, holdDownMs } = config;
  const { consecutiveSucceeded } = path;
  if (consecutiveSucceeded <= minConsecutiveSucceededChecks) return { reason: path.why, numbers: {} };
  const penalty = decayed(path.penalty, path.penaltyAt, now, config);
  if (path.health === 'unreliable' && penalty >= reuseAt) return { reason: path.why, numbers: { penalty } };
  const over = overLimit(path, config, 'up');
  if (over !== undefined) return over;
  const heldFor = path.health === 'unreliable' && path.since !== undefined ? now - path.since : holdDownMs;
  return heldFor < holdDownMs ? { reason: path.why, numbers: { heldFor, holdDownMs } } : undefined;
}

function risen(path: PathState, config: Config): Finding {
  const { consecutiveSucceeded } = path;
  const { minConsecutiveSucceededChecks } = config;
  return {
    reason: `${count(consecutiveSucceeded, 'check')} passed in a row (more than ${minConsecutiveSucceededChecks} needed)`,
    numbers: { consecutiveSucceeded, minConsecutiveSucceededChecks },
  };
}
