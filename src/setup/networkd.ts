/** The file that keeps systemd-networkd from deleting what failover puts into the kernel. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../kernel/exec.ts';
import { writeStep } from './file-steps.ts';
import { systemctl } from './service.ts';
import type { Step } from './step.ts';

const service = 'systemd-networkd.service';

/** Its content. Versions before 256 warn of the last key, and ignore it. */
export const networkdText = `# Written by failover's install; removed by its uninstall.
# systemd-networkd deletes rules, routes and nexthop objects that it did not make itself, at its start and whenever a
# link is reconfigured. These settings make it leave failover's in place. It reads them when it starts.
[Network]
ManageForeignRoutes=no
ManageForeignRoutingPolicyRules=no
ManageForeignNextHops=no
`;

/** Whether systemd-networkd is installed below a folder, in use or not. */
export function hasNetworkd(root: string): boolean {
  return ['/usr/lib', '/lib'].some(
    (folder) =>
      existsSync(join(root, folder, 'systemd/systemd-networkd')) ||
      existsSync(join(root, folder, 'systemd/system', service)),
  );
}

/** Writes the file. `isLive`: systemd runs this machine, and networkd, if it runs, shall read it. */
export function networkdStep(path: string, isLive: boolean): Step {
  const write = writeStep(path, networkdText);
  if (!isLive) return write;
  return {
    ...write,
    what: `${write.what}, then restart systemd-networkd if it runs`,
    act: async () => {
      await write.act();
      const { code } = await run('systemctl', ['is-active', '--quiet', service]);
      if (code === 0) await systemctl('restart', service); // addresses and leases stay
    },
  };
}
