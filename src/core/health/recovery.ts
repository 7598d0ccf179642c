/**
 * How soon a path is trusted again. What was lost for an instant is believed again after an instant: a path that was
 * reliable until an obstacle appeared (carrier, address), or until a short outage, is checked every
 * `confirmInterval` once that is over, and each of these checks counts. One that fails ends the hurry, and there is
 * one a minute at most.
 */
import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import { hurry } from '../state/recovery.ts';
import type { PathState } from '../state/state.ts';
import { outageScaleMs } from './damping.ts';

/** An outage shorter than this is one of an instant, ms, unless `minOutage` is about as long. */
const instantMs = 3000;

/** The number of checks in a row that must pass. */
export function neededChecks({ minConsecutiveSucceededChecks }: Config): number {
  return minConsecutiveSucceededChecks + 1;
}

/** Something gets through again after an outage that was judged. */
export function noteReturn(
  { recovery }: PathState,
  { from, until }: { readonly from: Instant; readonly until: Instant },
  config: Config,
): void {
  recovery.sign = { at: until, of: 'checks' };
  const isShort = until - from < Math.max(instantMs, 3 * outageScaleMs(config));
  if (!isShort) recovery.lostBy = undefined;
  if (recovery.lostBy === undefined) recovery.isHurried = false;
  else hurry(recovery, neededChecks(config), until);
}

/** Whether a path's next check follows at once, to see whether it can be trusted again. */
export function isHurried({ recovery, health, liveness }: PathState): boolean {
  return recovery.isHurried && liveness === 'up' && health !== 'reliable';
}

/** Records what a path lost its trust by. */
export function noteLoss({ recovery, obstacle, liveness }: PathState): void {
  recovery.lostBy = obstacle !== undefined ? 'obstacle' : liveness === 'down' ? 'silence' : undefined;
}
