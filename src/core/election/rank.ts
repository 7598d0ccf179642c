/**
 * How good a provider is as a choice. A better rank always wins at once; within a rank, tiers and delays decide.
 *
 *   0  reliable (even in doubt: a short stall is no reason to fail over)
 *   1  not reliable, but its latest checks pass, or it has not failed for long enough to judge
 *   2  nothing is known, or nothing has got through since this run began
 *   3  down: nothing gets through, or an obstacle
 */
import type { Instant } from '../../../models/instant.ts';
import type { Health, Liveness } from '../../../models/snapshot.ts';
import type { Explain } from '../state/why.ts';

/** One provider in the family of the election. Candidates are in the order of the list. */
export interface Candidate {
  readonly id: string;
  readonly tier: number | null; // after all others while it is to be avoided
  readonly health: Health;
  readonly liveness: Liveness;
  readonly obstructed: boolean;
  readonly since: Instant | undefined; // of its health
  readonly recentlyChecked: boolean; // a check ended recently: its health is not from before a suspend
  readonly why: Explain; // of its health
  readonly neverAnswered?: string | undefined; // why its checks fail, if none has passed since this run began
  readonly unseen?: boolean; // it could not be checked for so long that nothing is known of it
  readonly failovers?: readonly Instant[]; // away from it; @default none
  readonly isAvoided?: boolean; // its modem roams, and is to be used only where no other is reliable
  readonly onlyLoses?: boolean; // it works, and nothing but its loss keeps it from being trusted
}

/** The place of a candidate that carries no traffic. */
export type Rank = 0 | 1 | 2 | 3;

/** The rank of a candidate. */
export function rank(candidate: Candidate): Rank {
  if (candidate.obstructed || candidate.liveness === 'down') return 3;
  if (candidate.health === 'reliable') return 0;
  return candidate.liveness === 'unknown' || candidate.neverAnswered !== undefined ? 2 : 1;
}

/**
 * The rank of an incumbent: having no verdict yet is no reason to leave it, unless it has never answered. Having
 * none any more is, as it could be dead by now.
 */
export function incumbentRank(incumbent: Candidate): Rank {
  const own = rank(incumbent);
  if (own === 3 || incumbent.unseen === true || incumbent.neverAnswered !== undefined) return own;
  return incumbent.health === 'unknown' ? 0 : own;
}

/** Whether `a` is better than `b`, which comes first in the list. */
export function isBetter(a: Candidate, b: Candidate): boolean {
  if (rank(a) !== rank(b)) return rank(a) < rank(b);
  return (a.tier ?? 0) < (b.tier ?? 0);
}
