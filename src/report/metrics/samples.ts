/** What a metric is, and how its values are written. */
import type { Histogram } from '../../core/accounting/histogram.ts';
import type { PathFigures, RunFigures } from '../../core/report/figures.ts';
import type { ProcessFigures } from './process-figures.ts';

/** One value, with labels in addition to those of the path. `undefined`: not known, so there is no such series. */
export interface Sample {
  readonly value: number | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  readonly suffix?: '_bucket' | '_sum' | '_count'; // of a histogram
  readonly exemplar?: { readonly labels: Readonly<Record<string, string>>; readonly atMs: number };
}

/** What is not about one path. */
export interface Run extends RunFigures {
  readonly process: ProcessFigures;
  readonly version: string;
  readonly onWallClock: (at: number) => number; // ms since the epoch
}

/** One metric. Values of each path, labelled with its provider and family, or of the run. */
export type MetricFamily = {
  readonly name: string; // in full
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
} & (OfPath | OfRun);

/** Values of each path. */
export type OfPath = { readonly ofPath: (path: PathFigures, run: Run) => readonly Sample[] };
/** Values of the run. */
export type OfRun = { readonly ofRun: (run: Run) => readonly Sample[] };

/** A figure that goes up and down. */
export function gauge(name: string, help: string, source: OfPath | OfRun): MetricFamily {
  return { name, type: 'gauge', help, ...source };
}

/** A figure that only grows. */
export function counter(name: string, help: string, source: OfPath | OfRun): MetricFamily {
  return { name, type: 'counter', help, ...source };
}

/** How often values fell into which range. */
export function histogram(name: string, help: string, source: OfPath): MetricFamily {
  return { name, type: 'histogram', help, ...source };
}

/** A truth as Prometheus counts it. */
export function bit(is: boolean): number {
  return is ? 1 : 0;
}

/** Its base unit of time. */
export function seconds(ms: number): number {
  return ms / 1000;
}

/** A value of each address family. */
export function ofFamilies(
  { families }: Run,
  value: (family: Run['families'][number]) => number | undefined,
): readonly Sample[] {
  return families.map((each) => ({ value: value(each), labels: { family: `${each.family}` } }));
}

/** 1 for the one that holds, 0 for the others. */
export function oneOf(label: string, all: readonly string[], now: string): readonly Sample[] {
  return all.map((each) => ({ value: bit(each === now), labels: { [label]: each } }));
}

/** The two bounds of a limit; none without one. */
export function bounds(
  limits: { readonly down: number; readonly up: number } | undefined,
): readonly Sample[] {
  if (limits === undefined) return [];
  return [
    { value: limits.down, labels: { bound: 'down' } },
    { value: limits.up, labels: { bound: 'up' } },
  ];
}

/** The samples of a histogram. */
export function buckets({ bounds: all, counts, count, sum }: Histogram): readonly Sample[] {
  let below = 0;
  const within = all.map((bound, i): Sample => {
    below += counts[i] ?? 0;
    return { value: below, labels: { le: `${bound}` }, suffix: '_bucket' };
  });
  return [
    ...within,
    { value: count, labels: { le: '+Inf' }, suffix: '_bucket' },
    { value: sum, suffix: '_sum' },
    { value: count, suffix: '_count' },
  ];
}
