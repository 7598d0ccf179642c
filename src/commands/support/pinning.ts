import { readConfig } from '../../config/read-config.ts';
import { controlSocket } from '../../process/runtime-paths.ts';
import { ask } from '../../report/ask.ts';

/** Where a pin is written, and which ids it may name. */
export interface Pinning {
  readonly ok: true;
  readonly file: string;
  readonly providers: readonly { readonly id: string; readonly enabled: boolean }[];
  readonly isRunning: boolean; // a daemon answers
}

/**
 * From the running daemon, so that a pin works even while the configuration file is broken; else, or when a
 * configuration is named, from that. Never rejects.
 */
export async function pinning(
  config: string | undefined,
): Promise<Pinning | { readonly ok: false; readonly complaint: string }> {
  // none, or no permission
  const daemon = await ask(controlSocket(), 'snapshot', { timeoutMs: 1000 }).catch(() => undefined);
  if (daemon !== undefined && config === undefined) {
    const roles = new Map(daemon.paths.map(({ provider, role }) => [provider, role]));
    const providers = [...roles].map(([id, role]) => ({ id, enabled: role !== 'disabled' }));
    return { ok: true, file: daemon.stickyFile, providers, isRunning: true };
  }
  const read = await readConfig(config);
  if (!read.ok) return read;
  const { stickyProviderFilename: file, providers } = read.config;
  return { ok: true, file, providers, isRunning: daemon !== undefined };
}
