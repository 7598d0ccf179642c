import { type ReadConfig, readConfig } from '../config/read-config.ts';
import { controlSocket } from '../places.ts';
import { ask } from '../report/ask.ts';

/** Exit status for a configuration that cannot be used: EX_CONFIG of sysexits(3). */
export const badConfig = 78;

/** The named configuration; else that of the running daemon; else the first one found. Never rejects. */
export async function configuration(file: string | undefined): Promise<ReadConfig> {
  if (file !== undefined) return readConfig(file);
  const daemon = await ask(controlSocket(), 'snapshot', { timeoutMs: 1000 }).catch(() => undefined); // none is running
  return readConfig(daemon?.configFile);
}
