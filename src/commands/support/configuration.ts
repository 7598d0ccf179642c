import type { Snapshot } from '../../../models/snapshot.ts';
import { type ReadConfig, readConfig } from '../../config/read-config.ts';
import { controlSocket } from '../../process/runtime-paths.ts';
import { ask } from '../../report/ask.ts';

/** Exit status for a configuration that cannot be used: EX_CONFIG of sysexits(3). */
export const badConfig = 78;

/** A configuration, and the running daemon's snapshot; undefined when none answers us. */
export type Found = ReadConfig & { readonly daemon: Snapshot | undefined };

/** The named configuration; else that of the running daemon; else the first one found. Never rejects. */
export async function configuration(file: string | undefined): Promise<Found> {
  // none, or no permission
  const daemon = await ask(controlSocket(), 'snapshot', { timeoutMs: 1000 }).catch(() => undefined);
  return { ...(await readConfig(file ?? daemon?.trial?.file ?? daemon?.configFile)), daemon };
}
