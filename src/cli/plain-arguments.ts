import { parseArgs } from 'node:util';
import type { CommandShape } from '../setup/command-shape.ts';
import type { Given } from './commands.ts';

/**
 * The arguments, when they are plainly valid for the command: then `commander`, 1 MB that explains all else,
 * is not loaded. Undefined for `--help`, for anything unknown, missing or surplus, and for operands with
 * choices.
 */
export function plainArguments(
  { operands, options }: CommandShape,
  words: readonly string[],
): Given | undefined {
  const known = options.map(
    ({ flag, value }) => [flag.slice(2), { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: Object.fromEntries(known),
      allowPositionals: true,
    });
    const least = operands.filter(({ isRequired }) => isRequired).length;
    const most = operands.some(({ isVariadic }) => isVariadic) ? Number.POSITIVE_INFINITY : operands.length;
    if (positionals.length < least || positionals.length > most) return undefined;
    if (operands.some(({ choices }) => choices.length > 0)) return undefined;
    return {
      operands: positionals,
      options: Object.fromEntries(Object.entries(values).map(([name, value]) => named(name, value))),
    };
  } catch {
    return undefined; // commander says what is wrong with it
  }
}

/** An option by the name commander gives it: `dry-run` is `dryRun`, `no-start` is `start: false`. */
function named(name: string, value: string | boolean | undefined): [string, string | boolean | undefined] {
  if (name.startsWith('no-')) return [name.slice(3), value !== true];
  return [name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()), value];
}
