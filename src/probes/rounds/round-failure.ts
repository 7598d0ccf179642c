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

/** One scenario of a round, with what it found. */
export interface Finding {
  readonly scenario: TestScenario;
  readonly result: TestResult;
}

/**
 * What a round that did not pass comes to, in one sentence that names what was asked. It could not run when none of its
 * scenarios could, or when this process stood still meanwhile.
 */
export function roundFailure(findings: readonly Finding[]): TestResult {
  const failures = findings.flatMap(({ result }) => (result.ok ? [] : [result]));
  const [first, ...others] = failures;
  if (first === undefined) return notRun(''); // there is no failed round without a failure
  // The round began before the process stood still: whatever failed afterwards, it would count as one long outage.
  const stalled = failures.find(({ code }) => code === 'stalled');
  if (stalled !== undefined) return stalled;
  const [longestMs, reason] = summary(findings);
  if (findings.every(({ result }) => isNotRun(result))) return notRun(reason);
  const detail = ran(mostTelling([first, ...others]));
  return failed(detail.code === 'no-answer' ? { ...detail, afterMs: longestMs } : detail, reason);
}

/** A round in which something passed, and the rest could not run, was rejected all the same. */
function ran(failure: Failure): FailureDetail {
  return failure.code === 'not-run' ? { code: 'rejected' } : failure;
}

/** The longest time that was waited for an answer, and the sentence. */
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

/** How long an echo waited whose reason is only that; `undefined` for all whose reason says more. */
function bareWaitMs(failure: Failure): number | undefined {
  if (failure.code !== 'no-answer' || failure.afterMs === undefined) return undefined;
  return failure.reason === noAnswer(failure.afterMs).reason ? failure.afterMs : undefined;
}

function subjectOf(scenario: TestScenario): string {
  return scenario instanceof OptionedScenario ? scenario.subject : scenario.name;
}

/** What all of several have in common is about the path; the reason of an echo is about the path or names its target. */
function saysEnough(findings: readonly Finding[]): boolean {
  return findings.length > 1 || findings.every(({ scenario }) => scenario instanceof TestScenarioPing);
}
