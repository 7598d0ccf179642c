/** Scenarios that fail while the checks of their path pass without them: nothing else would report that. */
import type { CheckEvent } from '../../../models/event.ts';
import { isNotRun } from '../../../models/test-result.ts';

const worthReporting = 3; // failures in a row; a single lost packet is not

/** Why a scenario does not pass. */
export interface Complaint {
  readonly reason: string;
  readonly notRun: boolean;
  readonly times: number; // in a row
}

interface Complaining {
  readonly complaints: Map<string, Complaint>; // by the scenario's name
}

/** Records a check that passed. One that failed says itself what is wrong, and resets the counts. */
export function noteComplaints({ complaints }: Complaining, { result, targets }: CheckEvent): void {
  if (!result.ok) {
    if (complaints.size > 0) complaints.clear();
    return;
  }
  for (const { target, result: found } of targets) {
    if (found.ok) {
      if (complaints.size > 0) complaints.delete(target);
      continue;
    }
    const times = (complaints.get(target)?.times ?? 0) + 1;
    complaints.set(target, { reason: found.reason, notRun: isNotRun(found), times });
  }
}

/** As sentences, except for dead targets, which are reported elsewhere. */
export function complaintsOf({ complaints }: Complaining, dead: ReadonlySet<string>): string[] {
  return [...complaints].flatMap(([target, { reason, notRun, times }]) => {
    if (dead.has(target)) return [];
    if (notRun) return [`"${target}" cannot be run and has no say: ${reason}`];
    return times < worthReporting
      ? []
      : [`"${target}" failed ${times} times in a row, the checks pass without it: ${reason}`];
  });
}
