/**
 * Who carries the traffic of one family. Candidates fall into ranks, and a better rank always wins at once; within
 * a rank, tiers and delays choose.
 *
 *   0  reliable (in doubt included: a short stall is no failover)
 *   1  not reliable, but its latest checks pass, or it fails too briefly to tell
 *   2  nothing is known
 *   3  down: nothing gets through, or an obstacle
 *
 * So delays, hold-downs and windows choose between working providers; they never keep traffic on a dead one.
 */
import type { Config } from '../../models/config.ts';
import type { Instant } from '../../models/instant.ts';
import type { Health, Liveness } from '../../models/snapshot.ts';
import type { Why } from './why.ts';
import { duration } from './words.ts';

/** One provider in the family that is being elected for, in the order of the list. */
export interface Candidate {
  readonly id: string;
  readonly tier: number | null;
  readonly health: Health;
  readonly liveness: Liveness;
  readonly obstructed: boolean;
  readonly since: Instant | undefined; // of its health
  readonly seen: boolean; // a check ended lately: what its health says was not slept through
  readonly why: Why; // of its health
}

/** Who is chosen, and why, in words that follow "because". */
export interface Choice {
  readonly id: string | undefined; // undefined: nobody (`allDown` remove or unreachable)
  readonly cause: 'sticky' | 'stays' | 'first choice' | 'failover' | 'failback' | 'all down';
  readonly reason: string;
  readonly allDown: boolean; // nobody passes its checks
}

/** Elects. `current` is who carries the traffic now; `sticky` an id the operator wrote, which beats everything. */
export function elect(
  candidates: readonly Candidate[],
  current: string | undefined,
  { config, sticky, now }: { config: Config; sticky: string | undefined; now: Instant },
): Choice {
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
  const incumbent = eligible.find(({ id }) => id === current);
  if (allDown) return whenAllDown(eligible, incumbent, config);
  const best = eligible.reduce((a, b) => (isBetter(b, a) ? b : a));
  if (incumbent === undefined) {
    return { id: best.id, cause: 'first choice', reason: 'it is the best provider so far', allDown };
  }
  if (standing(incumbent) > rank(best)) {
    return {
      id: best.id,
      cause: 'failover',
      reason: `${incumbent.id} ${state(incumbent)}: ${incumbent.why().reason}`,
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

function rank(candidate: Candidate): 0 | 1 | 2 | 3 {
  if (candidate.obstructed || candidate.liveness === 'down') return 3;
  if (candidate.health === 'reliable') return 0;
  return candidate.liveness === 'unknown' ? 2 : 1;
}

/** The rank of the present one: no verdict yet is no reason to leave it. */
function standing(incumbent: Candidate): 0 | 1 | 2 | 3 {
  const own = rank(incumbent);
  return own < 3 && incumbent.health === 'unknown' ? 0 : own;
}

/** Whether `a` is better than `b`, where `b` comes first in the list. */
function isBetter(a: Candidate, b: Candidate): boolean {
  if (rank(a) !== rank(b)) return rank(a) < rank(b);
  return (a.tier ?? 0) < (b.tier ?? 0);
}

function failback(
  eligible: readonly Candidate[],
  incumbent: Candidate,
  config: Config,
  now: Instant,
): Choice | undefined {
  if (config.failback === 'never' || standing(incumbent) !== 0) return undefined;
  const ready = eligible.filter(
    (candidate) =>
      (candidate.tier ?? 0) < (incumbent.tier ?? 0) &&
      rank(candidate) === 0 &&
      candidate.liveness === 'up' &&
      candidate.seen &&
      now - (candidate.since ?? now) >= config.failbackDelayMs,
  );
  if (ready.length === 0) return undefined;
  const best = ready.reduce((a, b) => (isBetter(b, a) ? b : a));
  const reliableFor = duration(now - (best.since ?? now));
  return {
    id: best.id,
    cause: 'failback',
    reason: `it is preferred and has been reliable for ${reliableFor} (failback delay ${duration(config.failbackDelayMs)})`,
    allDown: false,
  };
}

function whenAllDown(
  eligible: readonly Candidate[],
  incumbent: Candidate | undefined,
  config: Config,
): Choice {
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

function state(candidate: Candidate): string {
  if (candidate.obstructed || candidate.liveness === 'down') return 'is down';
  return 'is unreliable';
}
