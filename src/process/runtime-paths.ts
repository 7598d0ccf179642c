/** Where the running program keeps its files. systemd's own variables take precedence over the usual folders. */
import { join } from 'node:path';

/** The folder of files that live as long as the daemon: socket and lock. `RUNTIME_DIRECTORY`: systemd.exec(5). */
export function runtimeDirectory(): string {
  return folder('FAILOVER_RUNTIME_DIRECTORY', 'RUNTIME_DIRECTORY', '/run/failover');
}

/** The folder of state that outlives the daemon: windows, verdicts, decisions. `STATE_DIRECTORY`: systemd.exec(5). */
export function stateDirectory(): string {
  return folder('FAILOVER_STATE_DIRECTORY', 'STATE_DIRECTORY', '/var/lib/failover');
}

/** The socket on which the daemon answers `status`, `why` and `history`. */
export function controlSocket(): string {
  return join(runtimeDirectory(), 'control.sock');
}

/** The socket on which the daemon takes commands, from root only: `apply`, `confirm`, `revert`, `tell`. */
export function ordersSocket(): string {
  return join(runtimeDirectory(), 'orders.sock');
}

/** What was reported while no daemon ran. Not in the folder of the daemon, which comes and goes with it. */
export function reportsFile(): string {
  return `${runtimeDirectory()}-reports.json`;
}

function folder(own: string, systemd: string, usual: string): string {
  const given = process.env[own] || process.env[systemd]?.split(':')[0]; // systemd separates several with colons
  return given || usual;
}
