import type { TargetResult } from '../../../models/event.ts';
import type { TestResult } from '../../../models/test-result.ts';
import { failed, hasStoodStill, notRun, unansweredMs } from '../../reach/failure.ts';

/**
 * What a round that did not pass comes to, in one sentence that names the targets. It could not run when none of its
 * scenarios could, or when this process stood still meanwhile.
 */
export function roundFailure(targets: readonly TargetResult[]): TestResult {
  // The round began before the process stood still: whatever failed afterwards, it would count as one long outage.
  return targets.find(({ result }) => hasStoodStill(result))?.result ?? summed(targets);
}

function summed(targets: readonly TargetResult[]): TestResult {
  const unanswered: string[] = [];
  const others = new Map<string, string[]>(); // targets by reason
  let longestMs = 0;
  let ran = false;
  for (const { target, result } of targets) {
    if (result.ok || !result.notRun) ran = true;
    if (result.ok) continue;
    const ms = unansweredMs(result.reason);
    const name = target.replace(/^(ping|tcp|http|dns) /, '');
    if (ms === undefined) others.set(result.reason, [...(others.get(result.reason) ?? []), name]);
    else {
      unanswered.push(name);
      longestMs = Math.max(longestMs, ms);
    }
  }
  const sentences = [...others].map(([reason, names]) =>
    names.some((name) => reason.includes(name)) || (names.length === targets.length && saysEnough(targets))
      ? reason
      : `${reason} (${names.join(', ')})`,
  );
  if (unanswered.length > 0)
    sentences.unshift(`no answer from ${unanswered.join(', ')} within ${longestMs} ms`);
  return ran ? failed(sentences.join('; ')) : notRun(sentences.join('; '));
}

/** What all of several targets have in common is about the path; the reason of an echo is about the path or names its target. */
function saysEnough(targets: readonly TargetResult[]): boolean {
  return targets.length > 1 || targets.every(({ target }) => target.startsWith('ping '));
}
