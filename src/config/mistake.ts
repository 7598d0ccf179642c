import { inspect } from 'node:util';

/** One thing wrong in a configuration, in the operator's terms. */
export interface Mistake {
  readonly path: string; // as the operator wrote it: 'providers[1].gateway'; '' is the whole file
  readonly message: string; // the rule and what to do, continuing the path: 'must be …'
  readonly found: string | undefined; // the value that breaks the rule, shortened; undefined if there is none to show
  readonly nearest: string | undefined; // the known word closest to an unknown one
}

/** Composes a mistake; `found` may be any value and is shortened. */
export function mistake(
  path: string,
  message: string,
  more: { found?: unknown; nearest?: string } = {},
): Mistake {
  return { path, message, found: 'found' in more ? show(more.found) : undefined, nearest: more.nearest };
}

/** A mistake as one line: `providers[1].gateway: must be … (found '10.0.0.1')`. */
export function explain({ path, message, found, nearest }: Mistake): string {
  const value = found === undefined ? '' : ` (found ${found})`;
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `${path === '' ? '' : `${path}: `}${message}${value}${hint}`;
}

/** Any value as a short line of text; never runs the value's code. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = inspect(value, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 60,
    maxArrayLength: 4,
    customInspect: false,
  });
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
