/** A run, cut into times in which nothing changes. */
import type { Observed } from './observed.ts';

/** A time in which nothing changes. */
export interface Cell {
  readonly fromMs: number;
  readonly toMs: number;
  readonly active: number | undefined;
  readonly excused: boolean; // a foreign route carries the traffic
  readonly absent: boolean; // the daemon does not run
  readonly shares: readonly number[]; // by line
  readonly obstacles: readonly boolean[];
}

/** From the start: nothing is known of any line yet, and nothing is judged. */
export const settleMs = 10_000;

/** Cuts a run into times in which nothing changes. */
export function cellsOf({ forMs, lines, truth, active, absences }: Observed): Cell[] {
  const instants = [
    settleMs,
    ...truth.boundaries,
    ...active.map(({ atMs }) => atMs),
    ...absences.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
  ];
  const cuts = [...new Set([0, ...instants.filter((ms) => ms > 0 && ms < forMs), forMs])].sort(
    (a, b) => a - b,
  );
  let index = 0;
  return cuts.slice(1).map((toMs, i): Cell => {
    const fromMs = cuts[i] ?? 0;
    while ((active[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) <= fromMs) index += 1;
    const conditions = lines.map((_, line) => truth.at(line, fromMs));
    return {
      fromMs,
      toMs,
      active: active[index]?.line,
      excused: active[index]?.foreign ?? false,
      absent: absences.some((absence) => absence.fromMs <= fromMs && fromMs < absence.toMs),
      shares: conditions.map(({ share }) => share),
      obstacles: conditions.map(({ obstacle }) => obstacle),
    };
  });
}
