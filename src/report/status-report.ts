import type { Snapshot, StatusReport } from '../../models/snapshot.ts';
import { summarise } from './summary.ts';

/** A snapshot for programs: with its first line, and instants in whole milliseconds. */
export function statusReport(snapshot: Snapshot): StatusReport {
  const { condition, sentence } = summarise(snapshot);
  return { condition, sentence, ...whole(snapshot) };
}

const instants = new Set(['at', 'startedAt', 'since', 'until', 'written', 'dueAt', 'lastAt']);

/** A copy in which every instant is a whole number. */
function whole<T>(value: T): T {
  const text = JSON.stringify(value, (key, part: unknown) =>
    typeof part === 'number' && instants.has(key) ? Math.round(part) : part,
  );
  return JSON.parse(text) as T; // the same shape: only fractions are gone
}
