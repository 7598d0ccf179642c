/** A client behind the lab's router, and many flows of its own: what balance and connections are shown with. */
import { createInterface } from 'node:readline';
import type { Family } from '../../models/path.ts';
import { run } from '../../src/kernel/exec.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';

/** The client's own addresses. */
export const clientAddresses: Readonly<Record<Family, string>> = { 4: '192.168.77.2', 6: '2001:db8:77::2' };

/** Adds a namespace `client` to a lab, on the router's `lan0`. Answers come back through the first ISP, by whichever a flow left. */
export async function addClient(lab: Lab): Promise<void> {
  const made = await run('ip', ['netns', 'add', 'client']);
  if (made.code !== 0) throw new Error(`the namespace client could not be made: ${made.stderr}`);
  const ip = (namespace: string, ...words: readonly string[]): Promise<string> =>
    lab.run(namespace, ['ip', ...words.join(' ').split(' ')]);
  await ip('router', 'link add lan0 index 700 type veth peer name eth0 index 701 netns client');
  await ip('client', 'link set lo up');
  for (const [namespace, device, host] of [
    ['router', 'lan0', 1],
    ['client', 'eth0', 2],
  ] as const) {
    await ip(namespace, `address add 192.168.77.${host}/24 dev ${device}`);
    await ip(namespace, `address add 2001:db8:77::${host}/64 dev ${device} nodad`);
    await ip(namespace, `link set ${device} up`);
  }
  await ip('client', 'route add default via 192.168.77.1');
  await ip('client', '-6 route add default via 2001:db8:77::1');
  for (const isp of lab.isps) {
    await ip(isp.name, `route add 192.168.77.0/24 via ${isp.ends[4]?.address}`);
    await ip(isp.name, `-6 route add 2001:db8:77::/64 via ${isp.ends[6]?.address}`);
  }
  await ip('internet', 'route add 192.168.77.0/24 via 100.64.1.1');
  await ip('internet', '-6 route add 2001:db8:77::/64 via fd64:1::1');
}

/** Flows that send a datagram now and then until they are closed. */
export interface Flows {
  close(): void;
}

/** Sends datagrams from `count` ports of the client again and again; resolves when each has sent one. */
export async function sendFlows(
  family: Family,
  { count, firstPort, everyMs }: { count: number; firstPort: number; everyMs: number },
): Promise<Flows> {
  const program = nodeCommand(new URL('./datagrams.ts', import.meta.url).pathname);
  const words = [family, count, firstPort, everyMs].map(String);
  const child = startInside('client', [...program, ...words]);
  child.stderr.pipe(process.stderr);
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('exit', (code) => reject(new Error(`the flows ended with ${code}`)));
  });
  return { close: () => void child.kill('SIGKILL') };
}

/** Notes in each ISP which ports of the client's datagrams come in there. */
export async function watchPorts(lab: Lab): Promise<void> {
  for (const { name } of lab.isps) await lab.run(name, ['nft', '-f', '-'], portWatch);
}

const portWatch = `table inet watch {
  set ports { type inet_service; flags dynamic; size 65535; }
  chain incoming {
    type filter hook prerouting priority 0;
    iifname "customer" udp dport 9 update @ports { udp sport }
  }
}
`;

/** Forgets the ports that were seen. */
export async function forgetPorts(lab: Lab): Promise<void> {
  for (const { name } of lab.isps) await lab.run(name, ['nft', 'flush', 'set', 'inet', 'watch', 'ports']);
}

/** The ports seen by each ISP since they were forgotten. */
export async function portsByIsp(lab: Lab): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const seen = lab.isps.map(async ({ name }) => {
    const text = await lab.run(name, ['nft', 'list', 'set', 'inet', 'watch', 'ports']);
    const elements = /elements = \{([^}]*)\}/.exec(text)?.[1] ?? '';
    return [name, new Set([...elements.matchAll(/\d+/g)].map(([port]) => Number(port)))] as const;
  });
  return new Map(await Promise.all(seen));
}
