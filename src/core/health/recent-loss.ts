import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import type { PacketLoss } from '../state/line-loss.ts';
import type { PathState } from '../state/state.ts';

const recentMs = 10_000;
const recentChecks = 10; // where checks are rarer than one a second
const leastKnown = 5;

/**
 * The share of packets, or else of checks, that a path has lost in the last 10 s or 10 checks, 0..1; `undefined` if
 * there were fewer than 5. Rough, and much sooner than `loss`: it only compares paths that are not reliable.
 */
export function recentLoss({ packets, window }: PathState, config: Config, now: Instant): number | undefined {
  const from = now - Math.max(recentMs, recentChecks * config.checkIntervalMs);
  const ofPackets = packets.isEmpty ? undefined : shareOf(packets.since(from));
  return ofPackets ?? (window.samples < leastKnown ? undefined : shareOf(window.since(from, recentChecks)));
}

function shareOf({ asked, lost }: PacketLoss): number | undefined {
  return asked < leastKnown ? undefined : lost / asked;
}
