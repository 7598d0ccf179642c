/**
 * Which providers carry the traffic of one family. Candidates fall into ranks (see `rank`), and a better rank
 * always wins at once; within a rank, tiers and delays decide. So delays, hold-downs and windows choose between
 * working providers; they never keep traffic on a dead one. This elects one provider; the others of its tier
 * that are as good then share the traffic with it.
 */
import type { Config } from '../../../models/config.ts';
import type { Evidence } from '../../../models/decision.ts';
import type { Instant } from '../../../models/instant.ts';
import { duration } from '../format.ts';
import {
  type LossOf,
  leastLossy,
  losesClearlyMore,
  losesNoMore,
  rivalOf,
  whyLessLossy,
} from './among-weak.ts';
import { countFailovers, delayWords, failbackDelay } from './failback-delay.ts';
import { type Candidate, incumbentRank, isBetter, rank } from './rank.ts';

/** The providers chosen, and why, in words that could follow "because". */
export interface Choice {
  readonly id: string | undefined; // undefined: none (`allDown` remove or unreachable)
  readonly ids: readonly string[]; // it and those that share the traffic with it, in the order of the list
  readonly cause: 'sticky' | 'stays' | 'first choice' | 'failover' | 'failback' | 'all down';
  readonly reason: string;
  readonly evidence: readonly Evidence[]; // for the reason
  readonly allDown: boolean; // no provider passes its checks
}

/** What an election depends on besides the candidates. */
export interface Circumstances {
  readonly config: Config;
  readonly sticky: string | undefined; // the id the operator pinned, which overrides everything
  readonly now: Instant;
  readonly lossOf?: LossOf; // rarely called, as is the next; @default unknown
  readonly shownLossOf?: LossOf; // @default unknown
}

/** Elects. `current`: the ids of the providers that carry the traffic now. */
export function elect(
  candidates: readonly Candidate[],
  current: readonly string[],
  circumstances: Circumstances,
): Choice {
  const present = new Set(current); // there may be a thousand
  const leader = electLeader(candidates, present, circumstances);
  return { evidence: [], ...leader, ids: sharers(candidates, leader, present, circumstances) };
}

function unknown(): undefined {
  return undefined;
}

type Leader = Omit<Choice, 'ids' | 'evidence'> & Partial<Pick<Choice, 'evidence'>>;

function electLeader(
  candidates: readonly Candidate[],
  current: ReadonlySet<string>,
  { config, sticky, now, lossOf = unknown, shownLossOf = unknown }: Circumstances,
): Leader {
  const eligible = candidates.filter(({ tier }) => tier !== null);
  const allDown = eligible.length > 0 && eligible.every((candidate) => rank(candidate) === 3);
  const pinned = candidates.find(({ id }) => id === sticky);
  if (pinned !== undefined)
    return { id: pinned.id, cause: 'sticky', reason: 'the operator pinned it', allDown };
  if (eligible.length === 0)
    return {
      id: undefined,
      cause: 'stays',
      reason: 'no provider has a tier, so none takes new traffic',
      allDown,
    };
  const incumbents = eligible.filter(({ id }) => current.has(id));
  const incumbent =
    incumbents.length === 0 ? undefined : incumbents.reduce((a, b) => (isBetter(b, a) ? b : a));
  if (allDown) return whenAllDown(eligible, incumbent, config);
  const best = bestOf(eligible, lossOf);
  if (incumbent === undefined) {
    return { id: best.id, cause: 'first choice', reason: 'it is the best provider so far', allDown };
  }
  if (incumbentRank(incumbent) > rank(best) && !losesNoMore(incumbent, best, { lossOf, shownLossOf })) {
    return {
      id: best.id,
      cause: 'failover',
      reason: whyLeft(incumbent),
      evidence: evidenceAgainst(incumbent),
      allDown,
    };
  }
  return (
    lessLossy(eligible, incumbent, lossOf, now) ??
    failback(eligible, incumbent, { config, now, lossOf }) ?? {
      id: incumbent.id,
      cause: 'stays',
      reason: 'it still works',
      allDown,
    }
  );
}

function bestOf(eligible: readonly Candidate[], lossOf: LossOf): Candidate {
  const best = eligible.reduce((a, b) => (isBetter(b, a) ? b : a));
  return rank(best) === 1 ? (leastLossy(eligible, lossOf) ?? best) : best;
}

function lessLossy(
  eligible: readonly Candidate[],
  incumbent: Candidate,
  lossOf: LossOf,
  now: Instant,
): Leader | undefined {
  const rival = rivalOf(incumbent, eligible, lossOf, now);
  if (rival === undefined) return undefined;
  const { id, loss, presentLoss, margin } = rival;
  const limit = Number((loss + margin).toFixed(2));
  const crossed = { sense: 'above', crossed: true, provider: incumbent.id } as const;
  return {
    id,
    cause: 'failover',
    reason: whyLessLossy(incumbent.id, rival),
    evidence: [{ name: 'loss', value: presentLoss, unit: 'ratio', limit, ...crossed }],
    allDown: false,
  };
}

/**
 * The elected provider and those that share with it: those of its tier that are as good and pass their checks
 * now; or, while none passes, those that shared before. One that left because it failed waits as for a
 * failback before it joins again.
 */
function sharers(
  candidates: readonly Candidate[],
  { id, cause, allDown }: Leader,
  current: ReadonlySet<string>,
  { config, now, lossOf = unknown }: Circumstances,
): readonly string[] {
  const leader = candidates.find((candidate) => candidate.id === id);
  if (leader === undefined) return [];
  if (cause === 'sticky' || leader.tier === null) return [leader.id];
  const isAsGood = (candidate: Candidate): boolean => {
    const worst = Math.min(incumbentRank(leader), 1);
    if (worst === 1 && losesClearlyMore(candidate.id, leader.id, lossOf)) return false;
    return current.has(candidate.id)
      ? incumbentRank(candidate) <= worst
      : rank(candidate) <= worst && mayJoin(candidate, config, now);
  };
  const shares = (candidate: Candidate): boolean => {
    if (candidate.id === leader.id) return true;
    if (candidate.tier !== leader.tier) return false;
    return allDown ? current.has(candidate.id) && current.has(leader.id) : isAsGood(candidate);
  };
  return candidates.filter(shares).map((candidate) => candidate.id);
}

/** Whether a provider may get traffic that another could carry. */
function isEligibleForFailback({ liveness, recentlyChecked }: Candidate): boolean {
  return liveness === 'up' && recentlyChecked;
}

/** Whether a provider may share traffic: whatever failed in the last hour must prove itself first. */
function mayJoin(candidate: Candidate, config: Config, now: Instant): boolean {
  if (!isEligibleForFailback(candidate)) return false;
  if (countFailovers(candidate.failovers ?? [], now) === 0) return true;
  return rank(candidate) === 0 && hasWaited(candidate, config, now);
}

/** Whether a reliable provider has been so for its failback delay. */
function hasWaited({ since, failovers = [] }: Candidate, config: Config, now: Instant): boolean {
  const reliableMs = now - (since ?? now);
  if (reliableMs < config.failbackDelayMs) return false; // there may be a thousand
  return reliableMs >= failbackDelay(countFailovers(failovers, now), config);
}

/** Whether a reliable provider has lost so much lately that it may soon be unreliable. */
function hasBegunToLose({ id }: Candidate, { loss }: Config, lossOf: LossOf): boolean {
  return loss !== 'none' && (lossOf(id) ?? 0) > loss.down / 2;
}

function failback(
  eligible: readonly Candidate[],
  incumbent: Candidate,
  { config, now, lossOf }: Required<Pick<Circumstances, 'config' | 'now' | 'lossOf'>>,
): Leader | undefined {
  const mayLeave = config.failback !== 'never' || incumbent.isAvoided === true;
  if (!mayLeave || incumbentRank(incumbent) !== 0) return undefined;
  const ready = eligible.filter(
    (candidate) =>
      (candidate.tier ?? 0) < (incumbent.tier ?? 0) &&
      rank(candidate) === 0 &&
      isEligibleForFailback(candidate) &&
      hasWaited(candidate, config, now) &&
      !hasBegunToLose(candidate, config, lossOf),
  );
  if (ready.length === 0) return undefined;
  const best = ready.reduce((a, b) => (isBetter(b, a) ? b : a));
  const failovers = countFailovers(best.failovers ?? [], now);
  const limit = failbackDelay(failovers, config);
  const value = now - (best.since ?? now);
  return {
    id: best.id,
    cause: 'failback',
    reason: `${incumbent.isAvoided === true ? `${incumbent.id} roams, and ${best.id}` : 'it is preferred and'} has been reliable for ${duration(value)} (${delayWords(limit, failovers)})`,
    evidence: [{ name: 'reliableFor', value, unit: 'ms', limit, sense: 'below', crossed: false }],
    allDown: false,
  };
}

function whenAllDown(
  eligible: readonly Candidate[],
  incumbent: Candidate | undefined,
  config: Config,
): Leader {
  const first = eligible[0] === undefined ? undefined : eligible.reduce((a, b) => (isBetter(b, a) ? b : a));
  const id = { keep: (incumbent ?? first)?.id, first: first?.id, remove: undefined, unreachable: undefined }[
    config.allDown
  ];
  return {
    id,
    cause: 'all down',
    reason: `no provider passes its checks (allDown: ${config.allDown})`,
    allDown: true,
  };
}

function evidenceAgainst({ id, neverAnswered, why }: Candidate): readonly Evidence[] {
  return neverAnswered === undefined ? why().evidence.map((each) => ({ ...each, provider: id })) : [];
}

function whyLeft(incumbent: Candidate): string {
  const { id, neverAnswered, obstructed, liveness, unseen, why } = incumbent;
  if (obstructed || liveness === 'down') return `${id} is down: ${why().reason}`;
  if (unseen === true) return `nothing is known of ${id}: ${why().reason}`;
  if (neverAnswered !== undefined) return `${id} has not passed a check yet: ${neverAnswered}`;
  return `${id} is unreliable: ${why().reason}`;
}
