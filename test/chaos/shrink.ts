/** Makes a schedule that violates a property smaller, so that it can be understood and become a regression test. */
import type { Property, Violation } from './judge.ts';
import type { Schedule } from './schedule.ts';

const afterMs = 20_000;

/** Plays a schedule, and finds what it violates. */
export type Try = (schedule: Schedule) => Promise<readonly Violation[]>;

/** The smallest schedule found that still violates the property; faults are left out, in halves and one by one. */
export async function shrink(schedule: Schedule, violation: Violation, attempt: Try): Promise<Schedule> {
  const { property } = violation;
  const violates = async (tried: Schedule): Promise<boolean> =>
    (await attempt(tried)).some((each) => each.property === property);
  let smallest = schedule;
  const shorter = cut(schedule, violation.atMs, property);
  if (await violates(shorter)) smallest = shorter;
  for (
    let size = Math.ceil(smallest.faults.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < smallest.faults.length; ) {
      const faults = smallest.faults.toSpliced(from, size);
      const tried = { ...smallest, faults };
      if (await violates(tried)) smallest = tried;
      else from += size;
    }
  }
  return smallest;
}

/** What is left at the end depends on all of it; the rest ends where it was seen. */
function cut(schedule: Schedule, atMs: number, property: Property): Schedule {
  if (property === 'left over') return schedule;
  const faults = schedule.faults.filter((fault) => fault.atMs <= atMs);
  return { ...schedule, forMs: Math.min(schedule.forMs, atMs + afterMs), faults };
}
