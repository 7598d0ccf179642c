import { resolve } from 'node:path';
import type { Config } from '../../models/config.ts';
import { findConfig, isProgram, nothingFound } from './load/find.ts';
import { explain } from './mistake.ts';
import type { Reading } from './reading.ts';
import type { Source } from './resolve/resolve-provider.ts';

/** A configuration ready for use, or a complaint for people that names the file and every mistake. */
export type ReadConfig =
  | {
      readonly ok: true;
      readonly file: string;
      readonly config: Config;
      readonly warnings: readonly string[];
      readonly sources: Readonly<Record<string, Source>>; // by path: 'checkInterval', 'providers[0].rtTableId'
    }
  | { readonly ok: false; readonly file: string | undefined; readonly complaint: string };

/** How to read. */
export interface ReadOptions {
  /** In a process of its own also where it is no program, so that this one stays small. @default false */
  readonly apart?: boolean;
  readonly timeoutMs?: number; // for a configuration that is a program. @default 10000
}

/**
 * Reads the named configuration, or the first one found, and says all there is to say of it. The one way to a
 * configuration: one that is a program is always run in a process of its own. Never rejects. A relative file is the
 * working folder's.
 */
export async function inspectConfig(file?: string, options: ReadOptions = {}): Promise<Reading> {
  const found = file === undefined ? findConfig() : resolve(file);
  if (found === undefined) return { file: undefined, problem: nothingFound };
  const { apart = false, timeoutMs = 10_000 } = options;
  // Each is loaded only where it is used.
  if (apart || isProgram(found)) return (await import('./load/read-apart.ts')).readApart(found, timeoutMs);
  return (await import('./load/read-here.ts')).readHere(found, timeoutMs);
}

/** Reads the named configuration, or the first one found, for commands that need one to work. Never rejects. */
export async function readConfig(file?: string, options?: ReadOptions): Promise<ReadConfig> {
  const reading = await inspectConfig(file, options);
  if ('problem' in reading) return { ok: false, file: reading.file, complaint: reading.problem };
  const { parsed, file: found } = reading;
  if (parsed.ok) {
    const { config, warnings, sources } = parsed;
    return { ok: true, file: found, config, warnings: warnings.map(explain), sources };
  }
  const lines = parsed.mistakes.map((mistake) => `  ${explain(mistake)}`);
  return {
    ok: false,
    file: found,
    complaint: [`${found} has mistakes; correct them first:`, ...lines].join('\n'),
  };
}
