import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import type { PathState } from '../state/state.ts';
import { hasPassed } from '../state/window.ts';

const recentMs = 10_000;
const recentChecks = 10; // where checks are rarer than one a second
const leastKnown = 5;

/**
 * The share of packets, or else of checks, that a path has lost in the last 10 s or 10 checks, 0..1; `undefined` if
 * there were fewer than 5. Rough, and much sooner than `loss`: it only compares paths that are not reliable.
 */
export function recentLoss({ packets, window }: PathState, config: Config, now: Instant): number | undefined {
  const from = now - Math.max(recentMs, recentChecks * config.checkIntervalMs);
  const { asked, lost } = packets.since(from);
  if (asked >= leastKnown) return lost / asked;
  const checks = window.toSamples(recentChecks).filter(({ startedAt }) => startedAt >= from);
  if (checks.length < leastKnown) return undefined;
  return checks.filter((sample) => !hasPassed(sample)).length / checks.length;
}
