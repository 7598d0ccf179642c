/** Machines on an ISP's network with hardware addresses of their own, each of which may stop leading anywhere. */
import type { Lab } from '../../src/lab/lab.ts';

/** One of them: a device in the ISP's namespace, with an address of the customers' network. */
export interface OnTheWire {
  readonly device: string; // 'customer' is the ISP's own
  readonly address: string;
  readonly ipv6Address?: string;
}

const faults = `table inet neighbours {
  set dead { type ifname; }
  chain forward { type filter hook forward priority 0; iifname @dead drop; }
}
`;

/** Puts them beside the ISP's own gateway. The router hears of all: no network is ever scanned. */
export async function addNeighbours(lab: Lab, isp: string, neighbours: readonly OnTheWire[]): Promise<void> {
  const run = (...words: readonly string[]) => lab.run(isp, words);
  // Each device answers and asks for its own address only.
  for (const [setting, value] of [
    ['arp_ignore', '1'],
    ['arp_announce', '2'],
  ] as const)
    await lab.run(isp, ['tee', `/proc/sys/net/ipv4/conf/all/${setting}`], value);
  for (const { device, address, ipv6Address } of neighbours.filter((each) => each.device !== 'customer')) {
    await run('ip', 'link', 'add', device, 'link', 'customer', 'type', 'macvlan', 'mode', 'bridge');
    await run('ip', 'address', 'add', `${address}/32`, 'dev', device);
    if (ipv6Address !== undefined)
      await run('ip', 'address', 'add', `${ipv6Address}/128`, 'dev', device, 'nodad');
    await run('ip', 'link', 'set', device, 'up');
  }
  await lab.run(isp, ['nft', '-f', '-'], faults);
  for (const { address } of neighbours) await lab.run('router', ['ping', '-c', '1', '-W', '5', address]);
}

/** From now on it answers itself and forwards nothing; or it forwards again. */
export async function leadNowhere(lab: Lab, isp: string, { device }: OnTheWire, yes = true): Promise<void> {
  await lab.run(isp, [
    'nft',
    yes ? 'add' : 'delete',
    'element',
    'inet',
    'neighbours',
    'dead',
    `{ "${device}" }`,
  ]);
}
