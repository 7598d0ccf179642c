/** DHCP servers at the ISPs of a scene. */
import { fileURLToPath } from 'node:url';
import { must, startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';
import type { Scene } from './scene.ts';

const server = fileURLToPath(new URL('dhcp-server.ts', import.meta.url));

/**
 * From now on each ISP gives the machine's end of its line the address that the lab gave it before. The returned
 * function ends it.
 */
export async function serveDhcp({ lab, machine }: Scene, leaseSeconds = 600): Promise<() => void> {
  const servers: ReturnType<typeof startInside>[] = [];
  for (const { name, device, index } of lab.isps) {
    const gateway = `10.10.${index}.254`;
    await lab.ip(`address flush dev ${device} scope global`);
    await must(name, ['ip', 'route', 'replace', '255.255.255.255/32', 'dev', 'customer']);
    const words = [gateway, `10.10.${index}.1/24`, String(leaseSeconds)];
    const child = startInside(name, [...nodeCommand(server), ...words]);
    servers.push(child);
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        printed += text;
      });
    await machine.until(async () => printed.includes('listening'), {
      what: () => `the DHCP server of ${name} (${printed})`,
    });
  }
  return () => {
    for (const child of servers) child.kill();
  };
}
