/** Reads a configuration in this process, loading into it everything that takes. */
import { messageOf } from '../../../models/message-of.ts';
import { parseConfig } from '../parse.ts';
import type { Reading } from '../reading.ts';
import { isProgram } from './find.ts';
import { loadConfig } from './load.ts';
import { isolateOwn } from './own-code.ts';

/** Loads and parses a file. The operator's own scenarios are isolated. Never rejects. */
export async function readHere(file: string, timeoutMs: number): Promise<Reading> {
  const loaded = await loadConfig(file, { timeoutMs });
  if (!loaded.ok) return { file, problem: loaded.message };
  const parsed = parseConfig(loaded.input, { file });
  if (!parsed.ok) return { file, parsed };
  if (!isProgram(file)) return { file, parsed, text: loaded.text }; // data alone: no scenario of its own
  try {
    const bundleIt = async () => (await import('./bundle.ts')).bundle(file);
    const config = await isolateOwn(parsed.config, loaded.input, bundleIt);
    return { file, parsed: { ...parsed, config } };
  } catch (error) {
    return { file, problem: `${file} ${messageOf(error)}` };
  }
}
