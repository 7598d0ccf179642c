/**
 * Flap damping after RFC 2439: each short outage adds 1 to a path's penalty, which halves every `halfLifeMs`. Above
 * `suppressAt` the path is unreliable; below `reuseAt` it may be trusted again. A stall now and then never gets
 * there; three in a row, as a line that is down every other second makes them, do.
 */
import type { Config } from '../../models/config.ts';
import type { Instant } from '../../models/instant.ts';

/** Penalty above which a path is unreliable: the third outage within 4 `outageScaleMs`. */
export const suppressAt = 2.2;

/** Penalty below which it may be reliable again. */
export const reuseAt = 1;

/** Half-life of the penalty, in multiples of `outageScaleMs`. */
const halfLives = 5;

/** The time that tells a short outage from a long one under this configuration, ms. */
export function outageScaleMs(config: Config): number {
  return Math.max(config.minOutageMs, config.checkIntervalMs);
}

/** A penalty as it has decayed by `now`. */
export function decayed(penalty: number, since: Instant, now: Instant, config: Config): number {
  if (penalty === 0) return 0;
  const left = penalty * 2 ** (-Math.max(0, now - since) / (halfLives * outageScaleMs(config)));
  return left < 0.01 ? 0 : left;
}

/** How long a path is watched more closely after a short outage, ms. */
export function vigilMs(config: Config): number {
  return halfLives * outageScaleMs(config);
}
