/** Stores verdicts, and causes found later, in the state of a path. */
import type { UnnumberedDecision } from '../../models/decision.ts';
import { none } from './effects.ts';
import { type Cause, causeOf } from './health/cause.ts';
import { noteLoss } from './health/recovery.ts';
import { judge, type Verdict } from './health/reliability.ts';
import { causeDecision, checkedAgainDecision, healthDecision } from './report/path-decisions.ts';
import { exceed, recovered } from './state/recovery.ts';
import type { PathState, State } from './state/state.ts';

const causePaceMs = 10_000; // between two causes reported for one outage

/** Judges a path. `cause`: of its current failure, from `causeOf`. */
export function judgePath(
  state: State,
  path: PathState,
  cause: Cause | undefined,
): readonly UnnumberedDecision[] {
  const verdict = judge(path, state.config, state.at, cause);
  const from = path.health;
  path.why = verdict.why;
  path.exceeds = verdict.exceeds;
  if (verdict.exceeds !== undefined) exceed(path.recovery, verdict.exceeds);
  if (verdict.health === from) return sightNews(state, path, verdict);
  if (from === 'reliable') noteLoss(path);
  if (verdict.health === 'reliable') recovered(path.recovery);
  path.health = verdict.health;
  path.since = state.at;
  path.sight.wasLost = path.sight.isLost;
  path.findings.reported = cause?.words;
  path.findings.reportedAt = state.at;
  return [healthDecision(state.at, path, from, verdict)];
}

/** Reports that a path of which nothing was known anyway can no longer be checked, or can be again. */
function sightNews({ at }: State, path: PathState, verdict: Verdict): readonly UnnumberedDecision[] {
  const { sight, health } = path;
  if (sight.isLost === sight.wasLost) return none;
  sight.wasLost = sight.isLost;
  if (health !== 'unknown') return none;
  return [sight.isLost ? healthDecision(at, path, health, verdict) : checkedAgainDecision(at, path)];
}

/** Judges all paths: time alone can change a verdict. */
export function judgeAll(state: State): UnnumberedDecision[] {
  return [...state.paths.values()].flatMap((path) =>
    path.expected ? judgePath(state, path, causeOf(path)) : [],
  );
}

/** Reports the cause of an outage when it becomes known after the verdict. */
export function causeNews(
  { at }: State,
  path: PathState,
  cause: Cause | undefined,
): readonly UnnumberedDecision[] {
  const { findings, liveness, health, obstacle } = path;
  const isBroken = obstacle === undefined ? liveness === 'down' : cause?.layer === 'radio';
  if (!isBroken || health !== 'unreliable') return none;
  if (cause?.words === undefined || cause.words === findings.reported) return none;
  if (findings.reported !== undefined && at - findings.reportedAt < causePaceMs) return none;
  findings.reported = cause.words;
  findings.reportedAt = at;
  return [causeDecision(at, path, cause)];
}
