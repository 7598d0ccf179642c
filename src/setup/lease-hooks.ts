/** The scripts by which DHCP clients, pppd and NetworkManager report what they know, each where its program is. */
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeStep } from './file-steps.ts';
import { below } from './manifest.ts';
import type { Removal } from './removal/removal.ts';
import type { Step } from './step.ts';
import { removal } from './uninstall.ts';

/** A script and the folders in which its program looks for such. */
interface Hook {
  readonly script: string; // in src/setup/lease-hooks
  readonly paths: readonly string[];
}

const hooks: readonly Hook[] = [
  { script: 'networkmanager', paths: ['/etc/NetworkManager/dispatcher.d/90-failover'] },
  { script: 'dhclient-enter', paths: ['/etc/dhcp/dhclient-enter-hooks.d/00failover'] },
  { script: 'dhclient', paths: ['/etc/dhcp/dhclient-exit-hooks.d/failover'] },
  { script: 'dhcpcd', paths: ['/usr/lib/dhcpcd/dhcpcd-hooks/90-failover'] },
  { script: 'udhcpc', paths: ['/etc/udhcpc/failover.script'] },
  {
    script: 'pppd',
    paths: ['ip-up.d', 'ip-down.d', 'ipv6-up.d', 'ipv6-down.d'].map(
      (folder) => `/etc/ppp/${folder}/90failover`,
    ),
  },
];

const mark = "Written by failover's install";

/** Puts the scripts where a package made the folder for them. `source`: the program's folder. */
export function leaseHookSteps(source: string, prefix: string): readonly Step[] {
  return hooks.flatMap(({ script, paths }) => {
    const text = readFileSync(join(source, 'src/setup/lease-hooks', script), 'utf8');
    return paths
      .map((path) => below(prefix, path))
      .filter((path) => existsSync(dirname(path)) && (!existsSync(path) || isOurs(path)))
      .map((path) => hookStep(path, text));
  });
}

/** All of them can be run, though some are only read: NetworkManager and run-parts(8) ignore those that cannot. */
function hookStep(path: string, text: string): Step {
  const writing = writeStep(path, text, false);
  return {
    ...writing,
    isDone: async () => (await writing.isDone()) && (statSync(path).mode & 0o111) !== 0,
    act: async () => {
      await writing.act();
      chmodSync(path, 0o755);
    },
  };
}

/** The scripts under `root` that are ours. */
export function leaseHookRemovals(root: string): readonly Removal[] {
  return hooks
    .flatMap(({ paths }) => paths.map((path) => below(root, path)))
    .filter((path) => existsSync(path) && isOurs(path))
    .map((path) => removal(`file ${path}`, path));
}

/** Not a script of the same name of another program. */
function isOurs(path: string): boolean {
  return readFileSync(path, 'utf8').includes(mark);
}
