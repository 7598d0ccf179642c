/** An ISP's router that advertises prefixes (RFC 4861 4.2): what radvd sends, once, when a test says so. */
import { addressOf, bytesOf } from '../../models/address.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { nodeCommand } from '../../src/process/program.ts';

/** A prefix of 64 bits, from which hosts make addresses, and how long these may be used. */
export interface AdvertisedPrefix {
  readonly prefix: string; // '2001:db8:1::'
  readonly validSeconds: number;
  readonly preferredSeconds: number; // 0: withdrawn
}

const program = new URL('./advertiser.ts', import.meta.url).pathname;
const routerAdvertisement = 134;
const prefixInformation = 3;

/** Advertises them, and the router itself, to the customers of an ISP. */
export async function advertise(lab: Lab, isp: string, prefixes: readonly AdvertisedPrefix[]): Promise<void> {
  const shown = await lab.run(isp, ['ip', '-6', '-o', 'address', 'show', 'dev', 'customer', 'scope', 'link']);
  const [, index = '', address = ''] = /^(\d+): .* inet6 (\S+)\//m.exec(shown) ?? [];
  const packet = Buffer.concat([header(), ...prefixes.map(option)]);
  await lab.run(isp, [...nodeCommand(program), index, addressOf(bytesOf(address)), packet.toString('hex')]);
}

/** It is a default router for half an hour. The kernel computes the checksum. */
function header(): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(routerAdvertisement, 0);
  bytes.writeUInt8(64, 4); // hops
  bytes.writeUInt16BE(1800, 6);
  return bytes;
}

function option({ prefix, validSeconds, preferredSeconds }: AdvertisedPrefix): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.set([prefixInformation, 4, 64, 0xc0]); // four times eight bytes; on the link, and for addresses
  bytes.writeUInt32BE(validSeconds, 4);
  bytes.writeUInt32BE(preferredSeconds, 8);
  bytes.set(bytesOf(prefix), 16);
  return bytes;
}
