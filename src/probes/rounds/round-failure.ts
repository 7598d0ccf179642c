import { OptionedScenario } from '../../../models/scenarios/options.ts';
import { TestScenarioPing } from '../../../models/scenarios/ping.ts';
import {
  type Failure,
  type FailureDetail,
  isNotRun,
  mostTelling,
  type TestResult,
} from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { failed, noAnswer, notRun } from '../../reach/failure.ts';

/** One scenario of a round, with its result. */
export interface Finding {
  readonly scenario: TestScenario;
  readonly result: TestResult;
}

/**
 * The result of a round that did not pass, in one sentence that names what was probed. It could not run when none of
 * its scenarios could, or when this process stalled during it.
 */
export function roundFailure(findings: readonly Finding[]): TestResult {
  const failures = findings.flatMap(({ result }) => (result.ok ? [] : [result]));
  const [first, ...others] = failures;
  if (first === undefined) return notRun(''); // a failed round has at least one failure
  // The round began before the stall: whatever failed afterwards, it would count as one long outage.
  const stalled = failures.find(({ code }) => code === 'stalled');
  if (stalled !== undefined) return stalled;
  const [longestMs, reason] = summary(findings);
  if (findings.every(({ result }) => isNotRun(result))) return notRun(reason);
  const detail = ran(mostTelling([first, ...others]));
  return failed(detail.code === 'no-answer' ? { ...detail, afterMs: longestMs } : detail, reason);
}

/** If something passed and the rest could not run, the round still counts as rejected. */
function ran(failure: Failure): FailureDetail {
  return failure.code === 'not-run' ? { code: 'rejected' } : failure;
}

/** The longest wait for an answer, and the sentence. */
function summary(findings: readonly Finding[]): [number, string] {
  const unanswered: string[] = [];
  const others = new Map<string, string[]>(); // subjects by reason
  let longestMs = 0;
  for (const { scenario, result } of findings) {
    if (result.ok) continue;
    const ms = bareWaitMs(result);
    const subject = subjectOf(scenario);
    if (ms === undefined) others.set(result.reason, [...(others.get(result.reason) ?? []), subject]);
    else {
      unanswered.push(subject);
      longestMs = Math.max(longestMs, ms);
    }
  }
  const sentences = [...others].map(([reason, subjects]) =>
    subjects.some((subject) => reason.includes(subject)) ||
    (subjects.length === findings.length && saysEnough(findings))
      ? reason
      : `${reason} (${subjects.join(', ')})`,
  );
  if (unanswered.length > 0)
    sentences.unshift(`no answer from ${unanswered.join(', ')} within ${longestMs} ms`);
  return [longestMs, sentences.join('; ')];
}

/** How long an echo waited, if its reason says only that; otherwise `undefined`. */
function bareWaitMs(failure: Failure): number | undefined {
  if (failure.code !== 'no-answer' || failure.afterMs === undefined) return undefined;
  return failure.reason === noAnswer(failure.afterMs).reason ? failure.afterMs : undefined;
}

function subjectOf(scenario: TestScenario): string {
  return scenario instanceof OptionedScenario ? scenario.subject : scenario.name;
}

/** A reason that several share is about the path; an echo's reason is about the path or names its target. */
function saysEnough(findings: readonly Finding[]): boolean {
  return findings.length > 1 || findings.every(({ scenario }) => scenario instanceof TestScenarioPing);
}
