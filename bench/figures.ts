/** The figures of a bench, and whether they meet their targets. Pure. */

/** One line of the report. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 'µs' | '%' | 'MB' | 'KB' | 'times' | 'a second' | '×';
  readonly values: readonly number[]; // one per run
  readonly target?: number; // at most this; without one the figure is for information
  readonly atLeast?: boolean; // the target is a minimum, not a maximum
  readonly judged?: 'median' | 'worst'; // which value the target applies to. @default 'median'
  readonly basisMs?: number; // minOutage + checkInterval / 2, the least an outage can last on average
}

/** All the results of one bench. */
export interface Results {
  readonly bench: string;
  readonly figures: readonly Figure[];
  readonly withoutDefaultMs: number; // both families together, while it ran
  readonly load: number; // the machine's load average of the last minute when it began
  readonly seconds: number; // how long it took
}

/** How much longer than its basis an outage may last, ms. */
const allowanceMs = 100;

/** The middle value; the mean of the middle two when their number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** The value that is compared with the target. */
export function judgedValue(figure: Figure): number {
  return figure.judged === 'worst' ? worst(figure) : median(figure.values);
}

/** A figure's limit: its target, or the general bound if that is lower. */
export function limitOf({ target, basisMs }: Figure): number | undefined {
  const limits = [target, basisMs === undefined ? undefined : basisMs + allowanceMs];
  const known = limits.filter((limit) => limit !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Whether a figure is over its limit; one without a limit never is. */
export function isMissed(figure: Figure): boolean {
  const limit = limitOf(figure);
  if (limit === undefined) return false;
  const value = judgedValue(figure);
  return !(figure.atLeast ? value >= limit : value <= limit); // a missing value counts as a miss
}

/** The worst of its values. */
export function worst({ values, atLeast = false }: Figure): number {
  return atLeast ? Math.min(...values) : Math.max(...values);
}

/** A figure's limit as text: `at most 5.0 ms`; empty when it has none. */
export function limitText(figure: Figure): string {
  const limit = limitOf(figure);
  if (limit === undefined) return '';
  const which = figure.judged === 'worst' ? ' (worst)' : '';
  return `${figure.atLeast ? 'at least' : 'at most'} ${spell(limit, figure.unit)}${which}`;
}

/** A value as people read it: `1.56 s`, `3.2 ms`, `4.8 %`, `0`, `1.25 ×`, `2,000,000 a second`. */
export function spell(value: number, unit: Figure['unit']): string {
  if (unit === 'times') return String(Math.round(value));
  if (unit === 'a second') return `${Number(value.toPrecision(3)).toLocaleString('en')} ${unit}`;
  if (unit === '×') return `${value.toFixed(value < 10 ? 2 : 0)} ×`;
  if (unit === 'ms' && value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  const digits = value !== 0 && Math.abs(value) < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}
