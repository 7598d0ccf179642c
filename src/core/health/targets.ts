/**
 * A target that fails through every provider while other targets pass through them is dead: it is set aside,
 * and no provider is blamed for it.
 */
import type { CheckEvent, TargetResult } from '../../../models/event.ts';
import { type Family, families } from '../../../models/path.ts';
import { isNotRun } from '../../../models/test-result.ts';
import type { PathState, State, TargetState } from '../state/state.ts';

const failuresToDie = 3; // in a row, through each provider
const answersToReturn = 3; // in a row, through whichever provider

/** One that dies again within this time has not recovered, ms: a resolver may answer only so many echoes a second. */
const relapseMs = 600_000;

/** How long such a target must then answer before it is asked in checks again, ms; doubled with each relapse. */
const firstProofMs = 60_000;
const longestProofMs = 600_000;

/** A target that was set aside, or taken back. */
export interface TargetChange {
  readonly family: Family;
  readonly target: string;
  /** What there is to report; `undefined`: it relapsed again, or was taken back after a relapse. */
  readonly news: 'dead' | 'unsteady' | 'back' | undefined;
}

/** Records the result of each target of a round. */
export function noteTargets(
  state: State,
  path: PathState,
  { targets, at }: CheckEvent,
): readonly TargetChange[] {
  let changes = noChanges;
  // If no target answers, the provider is at fault, and nothing is learnt about any target.
  if (!targets.some(answered)) return changes;
  for (const outcome of targets) {
    const change = noteTarget(state, path, outcome, at);
    if (change !== undefined) changes = [...changes, change];
  }
  if (changes.length > 0) refreshDeadTargets(state);
  for (const { family, target } of changes)
    if (state.deadTargets[family].has(target)) withdrawPackets(state, family, target);
  return changes;
}

/**
 * Whether a round passed only because other targets were probed after one that usually answers did not: the
 * line may have been silent for a moment. Call it after `noteTargets`.
 */
export function recoveredWithinRound(
  state: State,
  path: PathState,
  { result, targets }: CheckEvent,
): boolean {
  if (!result.ok || targets.every(answered)) return false;
  return targets.some((outcome) => {
    if (outcome.result.ok || isNotRun(outcome.result)) return false;
    return targetOf(state, path.family, outcome.target).failures.get(path.key) === 1;
  });
}

/** Rebuilds `state.deadTargets`, which every check plan refers to: a new set per change, not per check. */
export function refreshDeadTargets(state: State): void {
  for (const family of families) {
    const dead = [...state.targets[family].values()].filter(({ deadSince }) => deadSince !== undefined);
    state.deadTargets[family] = new Set(dead.map(({ target }) => target));
  }
}

/** What it did not answer says nothing about any line. */
function withdrawPackets(state: State, family: Family, target: string): void {
  for (const path of state.paths.values()) if (path.family === family) path.packets.withdrawTarget(target);
}

/**
 * Records that the active path has come into doubt although something passes through it. The target is then
 * probed through the other paths at once, to see whether the target is at fault before traffic moves.
 */
export function suspectTarget(state: State, path: PathState, { targets }: CheckEvent): void {
  const isActive = state.active[path.family].includes(path.provider.id);
  if (isActive && targets.some(({ result }) => result.ok))
    state.suspectedAt = { ...state.suspectedAt, [path.family]: state.at };
}

const noChanges: readonly TargetChange[] = [];

function answered({ result }: TargetResult): boolean {
  return result.ok;
}

function noteTarget(
  state: State,
  path: PathState,
  outcome: TargetResult,
  at: number,
): TargetChange | undefined {
  const { result } = outcome;
  if (isNotRun(result)) return undefined;
  const target = targetOf(state, path.family, outcome.target);
  if (result.ok) {
    if (target.failures.get(path.key) !== 0) target.failures.set(path.key, 0);
    if (target.deadSince !== undefined) return answersAgain(target, path, at);
    return target.backAt === undefined ? undefined : staysBack(target, at);
  }
  if (target.answeredBy.has(path.key)) target.answeredBy.clear();
  target.failures.set(path.key, (target.failures.get(path.key) ?? 0) + 1);
  if (target.deadSince !== undefined || !failsEverywhere(state, target)) return undefined;
  return dies(target, at);
}

function dies(target: TargetState, at: number): TargetChange {
  target.deadSince = at;
  target.answeredBy.clear();
  target.relapses = target.backAt === undefined ? 0 : target.relapses + 1;
  const news = (['dead', 'unsteady'] as const)[target.relapses];
  return { family: target.family, target: target.target, news };
}

/**
 * Takes a dead target back once it has answered often enough, and after a relapse for long enough. That it still fails
 * through a path that never reached it does not keep it out.
 */
function answersAgain(target: TargetState, { key }: PathState, at: number): TargetChange | undefined {
  const { family, target: name, relapses, answeredBy } = target;
  if (answeredBy.size === 0) {
    target.answers = 0;
    target.answersSince = at;
  }
  answeredBy.add(key);
  target.answers += 1;
  const proofMs = relapses === 0 ? 0 : Math.min(firstProofMs * 2 ** (relapses - 1), longestProofMs);
  if (target.answers < answersToReturn || at - target.answersSince < proofMs) return undefined;
  target.deadSince = undefined;
  target.backAt = at;
  return { family, target: name, news: relapses === 0 ? 'back' : undefined };
}

/** Forgets that it was dead, once it has been in use for long enough. */
function staysBack(target: TargetState, at: number): TargetChange | undefined {
  if (at - (target.backAt ?? at) < relapseMs) return undefined;
  const { family, target: name, relapses } = target;
  target.backAt = undefined;
  target.relapses = 0;
  return relapses === 0 ? undefined : { family, target: name, news: 'back' };
}

/**
 * Whether a target fails through two or more providers, and through all that probe it and pass their checks.
 * Those through which it fails need not pass: with `requiredSuccessful: 'all'` a dead target fails their
 * checks.
 */
function failsEverywhere(state: State, target: TargetState): boolean {
  let through = 0;
  for (const [key, failures] of target.failures) {
    const path = state.paths.get(key);
    if (!path?.expected || path.obstacle !== undefined) continue; // its latest result is out of date
    if (failures >= failuresToDie) through += 1;
    else if (path.liveness === 'up') return false;
  }
  return through >= 2;
}

function targetOf(state: State, family: Family, name: string): TargetState {
  const known = state.targets[family].get(name);
  if (known !== undefined) return known;
  const fresh: TargetState = {
    ...{ family, target: name, failures: new Map(), deadSince: undefined },
    ...{ answers: 0, answersSince: 0, answeredBy: new Set(), backAt: undefined, relapses: 0 },
  };
  state.targets[family].set(name, fresh);
  return fresh;
}
