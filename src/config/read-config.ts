import { resolve } from 'node:path';
import type { Config } from '../../models/config.ts';
import { findConfig, isProgram, nothingFound } from './load/find.ts';
import { explain } from './mistake.ts';
import type { Reading } from './reading.ts';
import type { Source } from './resolve/resolve-provider.ts';

/** A configuration ready for use, or a message that names the file and every mistake. */
export type ReadConfig =
  | {
      readonly ok: true;
      readonly file: string;
      readonly config: Config;
      readonly warnings: readonly string[];
      readonly text?: string; // the document it was parsed from, see `Reading`
      readonly sources: Readonly<Record<string, Source>>; // by path: 'checkInterval', 'providers[0].rtTableId'
    }
  | { readonly ok: false; readonly file: string | undefined; readonly complaint: string };

/** How to read a configuration. */
export interface ReadOptions {
  /** In a process of its own even if it is not a program, so that this one stays small. @default false */
  readonly apart?: boolean;
  readonly timeoutMs?: number; // for a configuration that is a program. @default 10000
}

/**
 * Reads the named configuration, or the first one found, and reports everything about it. The only place that reads
 * configurations: one that is a program always runs in a process of its own. Never rejects. A relative path is to the
 * working folder.
 */
export async function inspectConfig(file?: string, options: ReadOptions = {}): Promise<Reading> {
  const found = file === undefined ? findConfig() : resolve(file);
  if (found === undefined) return { file: undefined, problem: nothingFound };
  const { apart = false, timeoutMs = 10_000 } = options;
  // Each is loaded only if it is used.
  if (apart || isProgram(found)) return (await import('./load/read-apart.ts')).readApart(found, timeoutMs);
  return (await import('./load/read-here.ts')).readHere(found, timeoutMs);
}

/** Reads the named configuration, or the first one found, for commands that cannot work without. Never rejects. */
export async function readConfig(file?: string, options?: ReadOptions): Promise<ReadConfig> {
  const reading = await inspectConfig(file, options);
  if ('problem' in reading) return { ok: false, file: reading.file, complaint: reading.problem };
  const { parsed, file: found, text } = reading;
  if (parsed.ok) {
    const { config, warnings, sources } = parsed;
    const origin = text === undefined ? {} : { text };
    return { ok: true, file: found, config, warnings: warnings.map(explain), sources, ...origin };
  }
  const lines = parsed.mistakes.map((mistake) => `  ${explain(mistake)}`);
  return {
    ok: false,
    file: found,
    complaint: [`${found} has mistakes; correct them first:`, ...lines].join('\n'),
  };
}
