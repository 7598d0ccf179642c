/** Scenarios that fail while the checks of their path pass without them: nothing else would tell anybody. */
import type { CheckEvent } from '../../../models/event.ts';
import { isNotRun } from '../../../models/test-result.ts';

const worthTelling = 3; // failures in a row; a lost packet is none of it

/** What a scenario finds that does not pass. */
export interface Complaint {
  readonly reason: string;
  readonly notRun: boolean;
  readonly times: number; // in a row
}

interface Complaining {
  readonly complaints: Map<string, Complaint>; // by the scenario's name
}

/** Takes in a check that passed. One that did not says itself what is wrong, and begins anew. */
export function noteComplaints({ complaints }: Complaining, { result, targets }: CheckEvent): void {
  if (!result.ok) {
    complaints.clear();
    return;
  }
  for (const { target, result: found } of targets) {
    const times = (complaints.get(target)?.times ?? 0) + 1;
    if (!found.ok) complaints.set(target, { reason: found.reason, notRun: isNotRun(found), times });
    else if (complaints.size > 0) complaints.delete(target);
  }
}

/** In sentences, but for targets that are dead, which are told of by themselves. */
export function complaintsOf({ complaints }: Complaining, dead: ReadonlySet<string>): string[] {
  return [...complaints].flatMap(([target, { reason, notRun, times }]) => {
    if (dead.has(target)) return [];
    if (notRun) return [`'${target}' cannot be run and has no say: ${reason}`];
    return times < worthTelling
      ? []
      : [`'${target}' failed ${times} times in a row, the checks pass without it: ${reason}`];
  });
}
