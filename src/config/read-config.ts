import type { Config } from '../../models/config.ts';
import { loadConfig } from './load/load.ts';
import { explain } from './mistake.ts';
import { parseConfig } from './parse.ts';

/** A configuration ready for use, or a complaint for people that names the file and every mistake. */
export type ReadConfig =
  | {
      readonly ok: true;
      readonly file: string;
      readonly config: Config;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly complaint: string };

/** Loads and parses the named configuration, or the first one found, for commands that need one to work. Never rejects. */
export async function readConfig(file?: string): Promise<ReadConfig> {
  const loaded = await loadConfig(file);
  if (!loaded.ok) return { ok: false, complaint: loaded.message };
  const parsed = parseConfig(loaded.input, { file: loaded.file });
  if (parsed.ok) {
    return { ok: true, file: loaded.file, config: parsed.config, warnings: parsed.warnings.map(explain) };
  }
  const lines = parsed.mistakes.map((found) => `  ${explain(found)}`);
  return { ok: false, complaint: [`${loaded.file} has mistakes; correct them first:`, ...lines].join('\n') };
}
