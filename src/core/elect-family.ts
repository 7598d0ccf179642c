/** Runs the elections of a state: gathers the candidates of a family and stores the choice in the state. */
import type { UnnumberedDecision } from '../../models/decision.ts';
import type { Instant } from '../../models/instant.ts';
import { type Family, families, type PathKey, pathKey } from '../../models/path.ts';
import { type Choice, elect } from './election/election.ts';
import { recentFailovers } from './election/failback-delay.ts';
import { newTrafficIds } from './election/new-traffic.ts';
import { type Candidate, incumbentRank } from './election/rank.ts';
import { neverAnsweredReason } from './health/liveness.ts';
import { lossOf } from './health/loss.ts';
import { recentLoss } from './health/recent-loss.ts';
import { switchDecision } from './report/switch-decision.ts';
import type { PathState, State } from './state/state.ts';
import { isAvoided, tierOf } from './state/tier.ts';

const checkDurationMs = 1000; // allowed for a check to end, on top of the interval between starts

/** What an election follows from. What the operator orders is no failover, whatever moves with it. */
type By = 'lines' | 'operator';

/** Elects in both families; does nothing until the devices have been read. */
export function electAll(state: State, by: By = 'lines'): UnnumberedDecision[] {
  return state.links === undefined ? [] : families.flatMap((family) => electFamily(state, family, by));
}

/** Elects the providers that carry a family's traffic, and those that get its new connections. */
export function electFamily(state: State, family: Family, by: By = 'lines'): UnnumberedDecision[] {
  const candidates = candidatesOf(state, family);
  const decisions =
    candidates.length === 0 ? noCandidates(state, family) : choose(state, family, candidates, by);
  const fresh = newTrafficIds(state, family);
  if (!sameIds(fresh, state.newTraffic[family])) state.newTraffic = { ...state.newTraffic, [family]: fresh };
  return decisions;
}

function noCandidates(state: State, family: Family): UnnumberedDecision[] {
  if (state.active[family].length > 0) state.active = { ...state.active, [family]: [] };
  setAllDown(state, family, false);
  return [];
}

function choose(
  state: State,
  family: Family,
  candidates: readonly Candidate[],
  by: By,
): UnnumberedDecision[] {
  const current = state.active[family];
  const choice = elect(candidates, current, {
    config: state.config,
    sticky: state.sticky?.id,
    now: state.at,
    lossOf: (id) => recentLossOf(state, pathKey(id, family)),
    shownLossOf: (id) => shownLossOf(state, pathKey(id, family)),
  });
  setAllDown(state, family, choice.allDown);
  if (sameIds(choice.ids, current)) return [];
  state.active = { ...state.active, [family]: choice.ids };
  const chosen = new Set(choice.ids);
  const dropped = current.filter((id) => !chosen.has(id));
  const left = dropped.flatMap((id) => state.paths.get(pathKey(id, family)) ?? []);
  if (by === 'lines' && isFailover(choice)) {
    const failing = new Set(candidates.filter(isFailing).map(({ id }) => id));
    for (const path of left) if (failing.has(path.provider.id)) noteFailover(path, state.at);
  }
  return [switchDecision(state, { family, from: current, choice, left })];
}

function recentLossOf(state: State, key: PathKey): number | undefined {
  const path = state.paths.get(key);
  return path && recentLoss(path, state.config, state.at);
}

function shownLossOf({ paths }: State, key: PathKey): number | undefined {
  const path = paths.get(key);
  return path && lossOf(path)?.ratio;
}

/** Whether traffic moved because of what the lines do. While all fail, it moves to nothing better. */
function isFailover({ cause }: Choice): boolean {
  return cause === 'failover' || cause === 'stays' || cause === 'first choice';
}

/** Whether a provider lost its traffic through its own fault, not before its first answer. */
function isFailing(candidate: Candidate): boolean {
  return incumbentRank(candidate) > 0 && candidate.neverAnswered === undefined;
}

function noteFailover(path: PathState, at: Instant): void {
  path.failovers = [...recentFailovers(path.failovers, at), at];
}

function setAllDown(state: State, family: Family, allDown: boolean): void {
  if (state.allDown[family] !== allDown) state.allDown = { ...state.allDown, [family]: allDown };
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}

function candidatesOf(state: State, family: Family): Candidate[] {
  const candidates: Candidate[] = [];
  for (const path of state.paths.values()) {
    if (path.family !== family || !path.expected) continue;
    const { provider, health, liveness, since, why, failovers } = path;
    const obstructed = path.obstacle !== undefined;
    const recentlyChecked = checkAgeMs(path, state.at) <= state.config.checkIntervalMs + checkDurationMs;
    const neverAnswered = neverAnsweredReason(path, state.at);
    const { id } = provider;
    const unseen = path.sight.isLost;
    const onlyLoses = path.exceeds === 'loss' && path.recovery.exceeded.size === 1;
    candidates.push({
      id,
      tier: tierOf(path),
      health,
      liveness,
      obstructed,
      since,
      recentlyChecked,
      why,
      unseen,
      neverAnswered,
      failovers,
      ...(isAvoided(path) && { isAvoided: true }),
      onlyLoses,
    });
  }
  return candidates;
}

/**
 * The age of the latest check, ms, from its start: an answer that waited in the socket while this process was
 * stopped is as old as its echo.
 */
function checkAgeMs({ seenUntil, lastStart }: PathState, at: Instant): number {
  if (seenUntil === undefined || lastStart === undefined) return Number.POSITIVE_INFINITY;
  return at - Math.min(seenUntil, lastStart);
}
