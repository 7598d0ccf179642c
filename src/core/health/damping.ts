/**
 * Flap damping after RFC 2439. The penalty of a path grows with the length of its short outages, in multiples
 * of `outageScaleMs`, and halves every `halfLives` multiples. Above `suppressAt` the path is unreliable;
 * below `reuseAt` it may be trusted again. An occasional stall never gets that far; a line that is down every
 * other second does so in its second or third second of silence.
 */
import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';

/** Penalty above which a path is unreliable. */
export const suppressAt = 1.8;

/** Penalty below which it may be reliable again. */
export const reuseAt = 1;

/** The penalty never exceeds this, so that no history keeps a path out for long. */
export const penaltyCeiling = 4;

/** Added to an outage: on average it began half an interval before its first failed check. */
export const unseenOutage = 0.5;

/** Half-life of the penalty, in multiples of `outageScaleMs`. */
const halfLives = 3;

const closeWatchScales = 5;
const quietScales = 10;

/** The time that separates short outages from long ones under this configuration, ms. */
export function outageScaleMs(config: Config): number {
  return Math.max(config.minOutageMs, config.checkIntervalMs);
}

/** A penalty, decayed from `since` to `now`. */
export function decayed(penalty: number, since: Instant, now: Instant, config: Config): number {
  if (penalty === 0) return 0;
  const left = penalty * 2 ** (-Math.max(0, now - since) / (halfLives * outageScaleMs(config)));
  return left < 0.01 ? 0 : left;
}

/** How long a path is watched more closely after a short outage, ms. */
export function closeWatchMs(config: Config): number {
  return closeWatchScales * outageScaleMs(config);
}

/** How long after a short outage another one is confirmed by few checks, ms. */
export function quietMs(config: Config): number {
  return quietScales * outageScaleMs(config);
}
