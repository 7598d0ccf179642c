import type { Config } from '../../models/config.ts';
import { loadConfig } from '../config/load.ts';
import { explain } from '../config/mistake.ts';
import { parseConfig } from '../config/parse.ts';

/** Exit status for a configuration that cannot be used: EX_CONFIG of sysexits(3). */
export const badConfig = 78;

/** A configuration that can be used, or the lines that say why not. */
export type Configuration =
  | {
      readonly ok: true;
      readonly file: string;
      readonly config: Config;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly file: string | undefined; readonly complaints: readonly string[] };

/** Loads and parses the named configuration, or the first one found. Never rejects. */
export async function configuration(file?: string): Promise<Configuration> {
  const loaded = await loadConfig(file);
  if (!loaded.ok) return { ok: false, file: loaded.file, complaints: [loaded.message] };
  const parsed = parseConfig(loaded.input, { file: loaded.file });
  if (!parsed.ok) {
    return {
      ok: false,
      file: loaded.file,
      complaints: parsed.mistakes.map((each) => `${loaded.file}: ${explain(each)}`),
    };
  }
  return { ok: true, file: loaded.file, config: parsed.config, warnings: parsed.warnings.map(explain) };
}

/** Says on standard error why there is no configuration, and returns the exit status. */
export function refuse(complaints: readonly string[]): number {
  for (const complaint of complaints) console.error(`failover: ${complaint}`);
  console.error("failover: nothing was done; 'failover check' shows the settings once the file is right");
  return badConfig;
}
