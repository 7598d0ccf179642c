/** Puts verdicts, and the causes found later, into the state of a path. */
import type { UnnumberedDecision } from '../../models/decision.ts';
import { none } from './effects.ts';
import { type Cause, causeOf } from './health/cause.ts';
import { judge } from './health/reliability.ts';
import { causeDecision, healthDecision } from './report/decisions.ts';
import type { PathState, State } from './state/state.ts';

const causePaceMs = 10_000; // between causes reported of one outage

/** Judges a path. `cause`: of its present trouble, as `causeOf` found it. */
export function judgePath(
  state: State,
  path: PathState,
  cause: Cause | undefined,
): readonly UnnumberedDecision[] {
  const verdict = judge(path, state.config, state.at, cause);
  const from = path.health;
  path.why = verdict.why;
  if (verdict.health === from) return none;
  path.health = verdict.health;
  path.since = state.at;
  path.findings.told = cause?.words;
  path.findings.toldAt = state.at;
  return [healthDecision(state.at, path, from, verdict)];
}

/** Judges all paths: time alone may have changed a verdict. */
export function judgeAll(state: State): UnnumberedDecision[] {
  return [...state.paths.values()].flatMap((path) =>
    path.expected ? judgePath(state, path, causeOf(path)) : [],
  );
}

/** Reports the cause of an outage once it is known, when the verdict could not yet. */
export function causeNews(
  { at }: State,
  path: PathState,
  cause: Cause | undefined,
): readonly UnnumberedDecision[] {
  const { findings, liveness, health, obstacle } = path;
  if (liveness !== 'down' || health !== 'unreliable' || obstacle !== undefined) return none;
  if (cause?.words === undefined || cause.words === findings.told) return none;
  if (findings.told !== undefined && at - findings.toldAt < causePaceMs) return none;
  findings.told = cause.words;
  findings.toldAt = at;
  return [causeDecision(at, path, cause)];
}
