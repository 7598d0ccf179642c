/**
 * Which providers carry the traffic of one family. Candidates fall into ranks, and a better rank always wins
 * at once; within a rank, tiers and delays decide.
 *
 *   0  reliable (even in doubt: a short stall is no reason to fail over)
 *   1  not reliable, but its latest checks pass, or it has not failed for long enough to judge
 *   2  nothing is known, or nothing has got through since this run began
 *   3  down: nothing gets through, or an obstacle
 *
 * So delays, hold-downs and windows choose between working providers; they never keep traffic on a dead one.
 * This elects one provider; the others of its tier that are as good then share the traffic with it.
 */
import type { Config } from '../../../models/config.ts';
import type { Evidence } from '../../../models/decision.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Health, Liveness } from '../../../models/snapshot.ts';
import { duration } from '../format.ts';
import type { Explain } from '../state/why.ts';

/** One provider in the family of the election. Candidates are in the order of the list. */
export interface Candidate {
  readonly id: string;
  readonly tier: number | null;
  readonly health: Health;
  readonly liveness: Liveness;
  readonly obstructed: boolean;
  readonly since: Instant | undefined; // of its health
  readonly recentlyChecked: boolean; // a check ended recently: its health is not from before a suspend
  readonly why: Explain; // of its health
  readonly unseen?: boolean; // it could not be checked for so long that nothing is known of it
  readonly neverAnswered?: string | undefined; // why its checks fail, if none has passed since this run began
}

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
}

/** Elects. `current`: the ids of the providers that carry the traffic now. */
export function elect(
  candidates: readonly Candidate[],
  current: readonly string[],
  circumstances: Circumstances,
): Choice {
  const present = new Set(current); // there may be a thousand
  const leader = electLeader(candidates, present, circumstances);
  return { evidence: [], ...leader, ids: sharers(candidates, leader, present) };
}

type Leader = Omit<Choice, 'ids' | 'evidence'> & Partial<Pick<Choice, 'evidence'>>;

function electLeader(
  candidates: readonly Candidate[],
  current: ReadonlySet<string>,
  { config, sticky, now }: Circumstances,
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
  const best = eligible.reduce((a, b) => (isBetter(b, a) ? b : a));
  if (incumbent === undefined) {
    return { id: best.id, cause: 'first choice', reason: 'it is the best provider so far', allDown };
  }
  if (incumbentRank(incumbent) > rank(best)) {
    return {
      id: best.id,
      cause: 'failover',
      reason: whyLeft(incumbent),
      evidence: evidenceAgainst(incumbent),
      allDown,
    };
  }
  return (
    failback(eligible, incumbent, config, now) ?? {
      id: incumbent.id,
      cause: 'stays',
      reason: 'it still works',
      allDown,
    }
  );
}

/**
 * The elected provider and those that share with it: those of its tier that are as good and pass their checks
 * now; or, while none passes, those that shared before.
 */
function sharers(
  candidates: readonly Candidate[],
  { id, cause, allDown }: Leader,
  current: ReadonlySet<string>,
): readonly string[] {
  const leader = candidates.find((candidate) => candidate.id === id);
  if (leader === undefined) return [];
  const shares = (candidate: Candidate): boolean => {
    if (candidate.id === leader.id) return true;
    if (cause === 'sticky' || candidate.tier === null || candidate.tier !== leader.tier) return false;
    const wasThere = current.has(candidate.id);
    if (allDown) return wasThere && current.has(leader.id);
    const own = wasThere ? incumbentRank(candidate) : rank(candidate);
    return own <= Math.min(incumbentRank(leader), 1) && (wasThere || isEligibleForFailback(candidate));
  };
  return candidates.filter(shares).map((candidate) => candidate.id);
}

/** Whether a provider may get traffic that another could carry. */
function isEligibleForFailback({ liveness, recentlyChecked }: Candidate): boolean {
  return liveness === 'up' && recentlyChecked;
}

function rank(candidate: Candidate): 0 | 1 | 2 | 3 {
  if (candidate.obstructed || candidate.liveness === 'down') return 3;
  if (candidate.health === 'reliable') return 0;
  return candidate.liveness === 'unknown' || candidate.neverAnswered !== undefined ? 2 : 1;
}

/**
 * The rank of an incumbent: having no verdict yet is no reason to leave it, unless it has never answered. Having
 * none any more is, as it could be dead by now.
 */
function incumbentRank(incumbent: Candidate): 0 | 1 | 2 | 3 {
  const own = rank(incumbent);
  if (own === 3 || incumbent.unseen === true || incumbent.neverAnswered !== undefined) return own;
  return incumbent.health === 'unknown' ? 0 : own;
}

/** Whether `a` is better than `b`, which comes first in the list. */
function isBetter(a: Candidate, b: Candidate): boolean {
  if (rank(a) !== rank(b)) return rank(a) < rank(b);
  return (a.tier ?? 0) < (b.tier ?? 0);
}

function failback(
  eligible: readonly Candidate[],
  incumbent: Candidate,
  config: Config,
  now: Instant,
): Leader | undefined {
  if (config.failback === 'never' || incumbentRank(incumbent) !== 0) return undefined;
  const ready = eligible.filter(
    (candidate) =>
      (candidate.tier ?? 0) < (incumbent.tier ?? 0) &&
      rank(candidate) === 0 &&
      isEligibleForFailback(candidate) &&
      now - (candidate.since ?? now) >= config.failbackDelayMs,
  );
  if (ready.length === 0) return undefined;
  const best = ready.reduce((a, b) => (isBetter(b, a) ? b : a));
  const { failbackDelayMs: limit } = config;
  const value = now - (best.since ?? now);
  return {
    id: best.id,
    cause: 'failback',
    reason: `it is preferred and has been reliable for ${duration(value)} (failback delay ${duration(limit)})`,
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
