import type { ForeignRule } from './foreign-rule.ts';
import type { Family } from './path.ts';

/** The kernel's view of one network device, and the gateways it knows behind that device. */
export interface Link {
  readonly name: string;
  readonly index: number;
  readonly up: boolean; // administratively up (IFF_UP)
  readonly carrier: boolean; // IFF_LOWER_UP; devices without a carrier concept report true
  readonly pointToPoint: boolean; // tun, WireGuard, PPP: needs no gateway
  readonly addresses: readonly LinkAddress[];
  readonly kind?: string | undefined; // 'bridge', 'veth', 'wireguard', … as in `ip -d link`; undefined for hardware
}

/**
 * Whether a device leads to containers, virtual machines or this machine itself: no uplink unless a provider
 * names it.
 */
export function isInternal({ name, kind }: Pick<Link, 'name' | 'kind'>): boolean {
  return name === 'lo' || kind === 'bridge' || internalNames.test(name);
}

const internalNames = /^(docker|br-|virbr|veth|cni|flannel|lxc|lxd|podman|vnet|cali|tap)/;

/** One address on a device. */
export interface LinkAddress {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  readonly peer: string | undefined; // the other end of a point-to-point link
  readonly scope: 'global' | 'link' | 'other';
  readonly usable: boolean; // false if it has a flaw, or was temporary when an earlier version recorded it
  readonly flaw?: AddressFlaw;
  readonly temporary?: true; // made at random and for a day or so (RFC 8981)
}

/**
 * Why an address is not for new connections: another machine may have it, or has it (RFC 4862 5.4); its prefix is
 * withdrawn (5.5.4).
 */
export type AddressFlaw = 'tentative' | 'duplicate' | 'deprecated';

/** A machine on a device's network whose hardware address the kernel knows. */
export interface Neighbour {
  readonly family: Family;
  readonly interfaceName: string;
  readonly address: string;
  readonly router: boolean; // by its own advertisement (RFC 4861); always false in IPv4
}

/** A default route that is not ours (DHCP client, router advertisement, operator). */
export interface DefaultRoute {
  readonly family: Family;
  readonly table: number;
  readonly interfaceName: string;
  readonly gateway: string | undefined;
  readonly metric: number; // 0 when the kernel shows none
  readonly protocol: string; // 'dhcp', 'ra', 'boot', 'static', … as iproute2 names it
}

/** One reading of the kernel's devices, addresses, foreign default routes and foreign rules. */
export interface Links {
  readonly links: readonly Link[];
  readonly defaults: readonly DefaultRoute[];
  readonly neighbours?: readonly Neighbour[]; // on devices whose gateway is to be discovered
  readonly rules?: readonly ForeignRule[]; // absent: none
}
