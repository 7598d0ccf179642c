import type { Instant } from '../../../models/instant.ts';

/** A figure with a limit for losing trust, and another for gaining it again. */
export type LimitedFigure = 'loss' | 'rtt' | 'jitter';

/** How a path that is not trusted gains trust again. Belongs to the path's state and changes in place. */
export interface Recovery {
  lostBy: 'obstacle' | 'silence' | undefined; // what took its trust; undefined: nothing did, or a limit
  sign: { readonly at: Instant; readonly of: 'carrier' | 'binding' | 'checks' } | undefined; // what came back last
  exceeded: ReadonlySet<LimitedFigure>; // those that took its trust
  isHurried: boolean; // its checks follow each other fast, and each that passes counts
  left: number; // checks that may still be hurried
  leftSince: Instant; // when that allowance was last complete
}

/** The allowance is complete again after this time: a line that is lost again and again is not hurried. */
const allowanceMs = 60_000;

/** The most checks of an allowance. It is enough to be trusted twice: carriers often come back in two steps. */
const mostHurried = 30;

const nothing: ReadonlySet<LimitedFigure> = new Set();

/** Records that a figure took the path's trust. */
export function exceed(recovery: Recovery, figure: LimitedFigure): void {
  if (!recovery.exceeded.has(figure)) recovery.exceeded = new Set([...recovery.exceeded, figure]);
}

/** Of a path that has lost nothing. */
export function newRecovery(): Recovery {
  return { lostBy: undefined, sign: undefined, exceeded: nothing, isHurried: false, left: 0, leftSince: 0 };
}

/** Has a path that was lost for an instant checked fast, as far as the allowance goes. `needed`: checks in a row. */
export function hurry(recovery: Recovery, needed: number, at: Instant): void {
  if (recovery.leftSince === 0 || at - recovery.leftSince >= allowanceMs) {
    recovery.left = Math.min(2 * needed, mostHurried);
    recovery.leftSince = at;
  }
  recovery.isHurried = recovery.left > 0;
}

/** Counts a check of a hurried path. */
export function spendHurry(recovery: Recovery): void {
  recovery.left -= 1;
  if (recovery.left <= 0) recovery.isHurried = false;
}

/** What took its trust is no longer of importance. */
export function forgetLoss(recovery: Recovery): void {
  recovery.lostBy = undefined;
  recovery.sign = undefined;
  recovery.exceeded = nothing;
}

/** It is trusted again. */
export function recovered(recovery: Recovery): void {
  forgetLoss(recovery);
  recovery.isHurried = false;
}
