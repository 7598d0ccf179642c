/**
 * The service of OpenRC: its script comes with the program; copying it into place makes it a service, see
 * docs/install.md.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from '../kernel/exec.ts';
import { below, openrcLog } from './manifest.ts';
import type { Removal } from './removal/removal.ts';
import { isThere, removal } from './uninstall.ts';
import { home } from './unit.ts';

const script = `${home}/src/setup/openrc/failover`;
const service = '/etc/init.d/failover';
const enabled = '/etc/runlevels/default/failover'; // where `rc-update add` puts its link

/**
 * Makes it a service, and starts it. A link would not do: OpenRC looks for `conf.d` next to the link's
 * target.
 */
export const openrcCommand = `cp ${script} ${service} && rc-update add failover && rc-service failover start`;

/** Whether OpenRC runs this machine. */
export function isOpenrcRunning(): boolean {
  return existsSync('/run/openrc/softlevel');
}

/** Stops the service, before anything else is removed. */
export function openrcStop(): readonly Removal[] {
  if (!isOpenrcRunning() || !isOurs(service)) return [];
  return [
    {
      what: 'service failover of OpenRC: stopped',
      undo: async () => {
        const { code, stdout, stderr } = await run('rc-service', ['failover', 'stop'], { timeoutMs: 60_000 });
        if (code !== 0) throw new Error(`rc-service failover stop: ${stdout}${stderr}`);
      },
    },
  ];
}

/** Its script and link, and what it wrote. `root` as for `findInstalled`. */
export function openrcFiles(root: string): readonly Removal[] {
  if (!isOurs(below(root, service))) return [];
  return [...[enabled, service].map((path) => below(root, path)), ...logs(root)]
    .filter(isThere)
    .map((path) => removal(`OpenRC's ${path}`, path));
}

/** The log, and what logrotate made of earlier ones. */
function logs(root: string): readonly string[] {
  const log = below(root, openrcLog);
  const folder = dirname(log);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.startsWith(basename(log)));
  return names.map((name) => join(folder, name));
}

/** Whether logs are files here, and something rotates them. */
export function needsRotation(): boolean {
  return isOpenrcRunning() && existsSync('/etc/logrotate.d');
}

/** Whether it starts our program: it may be someone else's service of the same name. */
function isOurs(path: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8').includes(`command=${home}/failover\n`);
}
