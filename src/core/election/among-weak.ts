/**
 * The choice while no provider is reliable but some pass checks (rank 1): what they have lost lately decides, not
 * the list. A provider that carries the traffic is left only for one that loses clearly less, so that equally bad
 * ones do not take turns.
 */
import type { Instant } from '../../../models/instant.ts';
import { percent } from '../format.ts';
import { countFailovers } from './failback-delay.ts';
import { type Candidate, incumbentRank, rank } from './rank.ts';

/** The share that a provider has lost in the last seconds, 0..1; `undefined` from too little to say. */
export type LossOf = (id: string) => number | undefined;

/** What providers lose: lately, and as shown. */
export interface Losses {
  readonly lossOf: LossOf;
  readonly shownLossOf: LossOf; // the figure that has a limit
}

/** How much less a provider must lose: of some 15 packets each, 2.5 standard deviations of equal lines. */
const clearly = 0.4;

/** The difference that chance makes: one lost of some ten packets, two standard deviations of some fifty. */
const hardly = 0.15;

/** More by this for each failover away from it in the last hour. */
const moreEachFailover = 0.2;

/** Nothing is known: better than one that loses most, worse than one that loses little. */
const unknownLoss = 0.5;

/** Another provider that loses clearly less than the present one. */
export interface Rival {
  readonly id: string;
  readonly loss: number;
  readonly presentLoss: number;
  readonly margin: number;
}

/** The best of those of rank 1: the one that has lost least, to a tenth, then by tier and list. */
export function leastLossy(candidates: readonly Candidate[], lossOf: LossOf): Candidate | undefined {
  let best: Candidate | undefined;
  let bestLoss = 0;
  for (const candidate of candidates) {
    if (rank(candidate) !== 1) continue;
    const loss = Math.round((lossOf(candidate.id) ?? unknownLoss) * 10);
    const isBetter =
      best === undefined || loss < bestLoss || (loss === bestLoss && tier(candidate) < tier(best));
    if (!isBetter) continue;
    best = candidate;
    bestLoss = loss;
  }
  return best;
}

/** A provider that passes its checks now and loses clearly less than the present one, neither being reliable. */
export function rivalOf(
  present: Candidate,
  candidates: readonly Candidate[],
  lossOf: LossOf,
  now: Instant,
): Rival | undefined {
  if (incumbentRank(present) !== 1) return undefined;
  const presentLoss = lossOf(present.id);
  if (presentLoss === undefined || presentLoss < clearly) return undefined;
  const others = candidates.filter(
    (candidate) => candidate.id !== present.id && candidate.liveness === 'up' && candidate.recentlyChecked,
  );
  const best = leastLossy(others, lossOf);
  const loss = best === undefined ? undefined : lossOf(best.id);
  if (best === undefined || loss === undefined) return undefined;
  const failovers = countFailovers(best.failovers ?? [], now);
  const margin = rounded(clearly + moreEachFailover * failovers);
  return rounded(presentLoss - loss) < margin ? undefined : { id: best.id, loss, presentLoss, margin };
}

/**
 * Whether the present provider, which is not trusted for its loss alone, loses hardly more than a reliable one: lately,
 * as its loss is over, or in all that is known, as it was chance.
 */
export function losesNoMore(present: Candidate, other: Candidate, { lossOf, shownLossOf }: Losses): boolean {
  if (present.onlyLoses !== true || present.liveness !== 'up' || !present.recentlyChecked) return false;
  return [lossOf, shownLossOf].some((of) => {
    const loss = of(present.id);
    return loss !== undefined && rounded(loss - (of(other.id) ?? 0)) < hardly;
  });
}

/** Whether one loses so much more than another that it should not share the traffic with it. */
export function losesClearlyMore(id: string, other: string, lossOf: LossOf): boolean {
  const [loss, otherLoss] = [lossOf(id), lossOf(other)];
  return loss !== undefined && otherLoss !== undefined && rounded(loss - otherLoss) >= clearly;
}

/** Why the present provider is left for a rival. */
export function whyLessLossy(present: string, { id, loss, presentLoss, margin }: Rival): string {
  const difference = `${Math.round(margin * 100)} percentage points`;
  return `${present} has lost ${percent(presentLoss)} lately, ${id} ${percent(loss)} (limit: ${difference} more); neither is reliable`;
}

function rounded(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}

function tier(candidate: Candidate): number {
  return candidate.tier ?? 0;
}
