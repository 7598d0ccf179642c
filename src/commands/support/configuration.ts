import type { Snapshot } from '../../../models/snapshot.ts';
import { type ReadConfig, readConfig } from '../../config/read-config.ts';
import { controlSocket } from '../../process/runtime-paths.ts';
import { ask } from '../../report/ask.ts';

/** Exit status for a configuration that cannot be used: EX_CONFIG of sysexits(3). */
export const badConfig = 78;

/** A configuration, and the running daemon's snapshot; undefined when none answers us. */
export type Found = ReadConfig & { readonly daemon: Snapshot | undefined };

/** The running daemon's snapshot; undefined when none answers us: there is none, or we may not query it. */
export async function runningDaemon(): Promise<Snapshot | undefined> {
  return ask(controlSocket(), 'snapshot', { timeoutMs: 1000 }).catch(() => undefined);
}

/** The file that a daemon runs with: one on trial, or its own. */
export function fileInUse(daemon: Snapshot | undefined): string | undefined {
  return daemon?.trial?.file ?? daemon?.configFile;
}

/** The named configuration; else that of the running daemon; else the first one found. Never rejects. */
export async function configuration(file: string | undefined): Promise<Found> {
  const daemon = await runningDaemon();
  return { ...(await readConfig(file ?? fileInUse(daemon))), daemon };
}
