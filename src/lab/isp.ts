/** ISPs described as data: what a lab is built from. */
import type { Family } from '../../models/path.ts';

/**
 * How a test or the demo describes an ISP. All but the name defaults by its position `n` in the list, from 1.
 */
export interface IspOptions {
  readonly name: string; // its namespace too; [a-z0-9-], at most 12 characters
  readonly device?: string; // the router's device. @default 'eth' + n, 'tun' + n
  readonly kind?: 'ethernet' | 'tun'; // tun: point-to-point, without a gateway. @default 'ethernet'
  readonly ipv4?: string | false; // the router's address. @default '10.10.n.1/24'
  readonly gateway4?: string; // @default '10.10.n.254'
  readonly ipv6?: string | false; // @default '2001:db8:n::1/64'
  readonly gateway6?: string; // @default '2001:db8:n::fe'
  readonly delayMs?: number; // added to every round trip. @default 0
  readonly lossRatio?: number; // share of round trips lost, 0..1. @default 0
}

/** One family of an ISP's customer link: the router's end and the ISP's. */
export interface Ends {
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
}

/** An ISP with everything filled in. */
export interface Isp {
  readonly name: string;
  readonly index: number; // position in the lab, from 1
  readonly device: string;
  readonly kind: 'ethernet' | 'tun';
  readonly ends: Readonly<Record<Family, Ends | undefined>>;
  readonly delayMs: number;
  readonly lossRatio: number;
  readonly translated: boolean; // its customers' addresses are another ISP's, too, so it translates them (NAT)
}

/** Two homes and one mobile connection. */
export const defaultIsps: readonly IspOptions[] = [
  { name: 'fibre', device: 'eth1' },
  { name: 'cable', device: 'eth2' },
  { name: 'lte', device: 'wwan0', delayMs: 60, lossRatio: 0.01 },
];

/** Fills in what was left out. @throws {Error} on names or addresses that cannot be built */
export function completeIsps(options: readonly IspOptions[]): readonly Isp[] {
  const isps = options.map((option, i) => complete(option, i + 1));
  for (const what of ['name', 'device'] as const) {
    const twice = isps.find((isp, i) => isps.findIndex((other) => other[what] === isp[what]) !== i);
    if (twice) throw new Error(`Two ISPs of the lab have the ${what} ${twice[what]}; give each its own`);
  }
  return isps.map((isp) => ({ ...isp, translated: isps.some((other) => sharesAddress(isp, other)) }));
}

function complete(option: IspOptions, index: number): Isp {
  const { kind = 'ethernet' } = option;
  checkName(option.name);
  return {
    name: option.name,
    index,
    device: option.device ?? `${kind === 'tun' ? 'tun' : 'eth'}${index}`,
    kind,
    ends: completeEnds(option, index),
    delayMs: option.delayMs ?? 0,
    lossRatio: option.lossRatio ?? 0,
    translated: false,
  };
}

function completeEnds(option: IspOptions, index: number): Isp['ends'] {
  const { ipv4 = `10.10.${index}.1/24`, ipv6 = `2001:db8:${index}::1/64` } = option;
  const { gateway4 = `10.10.${index}.254`, gateway6 = `2001:db8:${index}::fe` } = option;
  return {
    4: ipv4 === false ? undefined : ends(ipv4, gateway4),
    6: ipv6 === false ? undefined : ends(ipv6, gateway6),
  };
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,11}$/.test(name) || ['router', 'internet'].includes(name))
    throw new Error(`"${name}" cannot name an ISP of the lab: use up to 12 of a-z, 0-9 and -`);
}

function ends(network: string, gateway: string): Ends {
  const [address, length] = network.split('/');
  const prefixLength = Number(length);
  if (!address || !Number.isInteger(prefixLength))
    throw new Error(`"${network}" is no address of the lab: write it as 10.10.1.1/24`);
  return { address, prefixLength, gateway };
}

function sharesAddress(isp: Isp, other: Isp): boolean {
  if (isp.name === other.name) return false;
  return ([4, 6] as const).some((family) => {
    const address = isp.ends[family]?.address;
    return address !== undefined && address === other.ends[family]?.address;
  });
}
