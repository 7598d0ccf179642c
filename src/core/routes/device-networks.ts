/**
 * What a device has apart from the address that its path is bound to: a second public address, the modem's network,
 * a unique local prefix, one that is being withdrawn. Packets from there belong on this device, too.
 */
import { contains, networkOf } from '../../../models/address.ts';
import type { Link, LinkAddress, Links } from '../../../models/link.ts';
import { isLinkLocal } from '../../../models/link-local.ts';
import type { Family } from '../../../models/path.ts';
import { isUniqueLocal } from '../binding/choose-address.ts';
import type { PathState } from '../state/state.ts';

/** Packets from `from`, an address or a network, may be meant for `network`, which needs no gateway. */
export interface Source {
  readonly from: string;
  readonly network: string | undefined; // undefined for a lone address
}

/** A network that is reached on the link itself. */
export interface Connected {
  readonly network: string;
  readonly address: string | undefined; // of ours in it, if packets must be sent from it
}

/** Where a path is bound to, or was. */
type Place = { readonly address: string; readonly network: string | undefined };

/** What a path gets of its device, apart from what it is bound to. */
export interface Owned {
  readonly link: Link | undefined; // undefined while it is missing
  readonly places: readonly Place[]; // of all paths on the device
  readonly isAlone: boolean; // no other path is on it
}

/**
 * The first path of each device of those that an address of their own distinguishes: what belongs to no path in
 * particular is the first's.
 */
export function deviceOwners(
  paths: readonly PathState[],
  distinguished: ReadonlySet<PathState>,
  { links }: Links,
): ReadonlyMap<PathState, Owned> {
  const devices = new Map(links.map((link) => [link.name, link]));
  const groups = new Map<string, PathState[]>();
  for (const path of paths) {
    const key = `${path.family} ${path.provider.interfaceName}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [path]);
    else group.push(path);
  }
  const owners = [...groups.values()].flatMap((group): [PathState, Owned][] => {
    const first = group.find((path) => distinguished.has(path));
    if (first === undefined) return [];
    const places = group.flatMap(({ binding, remembered }) => binding ?? remembered ?? []);
    const link = devices.get(first.provider.interfaceName);
    return [[first, { link, places, isAlone: group.length === 1 }]];
  });
  return new Map(owners);
}

/**
 * The sources of a device that are not those of its paths, whose `places` these are. In IPv6 a whole network counts
 * as one: temporary addresses come and go. Not a unique local one, which may be that of a LAN on the same device,
 * whose hosts are free to leave by any provider; nor where the addresses of one network belong to several paths.
 */
export function otherSources(link: Link, family: Family, places: readonly Place[]): readonly Source[] {
  const taken = new Set(places.map(({ address }) => address));
  const rest = globalAddresses(link, family).filter(({ address }) => !taken.has(address));
  if (rest.length === 0 || family === 4 || places.length > 1) return rest.map(lone);
  const own = places.flatMap(({ network }) => network ?? []);
  const global = rest.filter(({ address }) => !isUniqueLocal(address));
  const networks = new Set([...own, ...global.flatMap((each) => connectedNetwork(each) ?? [])]);
  const isWithin = ({ address }: LinkAddress): boolean =>
    [...networks].some((network) => contains(network, address));
  return [
    ...[...networks]
      .filter((network) => !own.includes(network))
      .map((network) => ({ from: network, network })),
    ...rest.filter((each) => !isWithin(each)).map(lone),
  ];
}

function lone(address: LinkAddress): Source {
  return { from: address.address, network: connectedNetwork(address) };
}

/** The networks of a device, that of the path first. */
export function connectedNetworks(
  link: Link,
  family: Family,
  place: Place | undefined,
): readonly Connected[] {
  const networks = new Map<string, Connected>();
  const add = (network: string | undefined, address: string): void => {
    if (network === undefined || networks.has(network)) return;
    networks.set(network, { network, address: family === 4 ? address : undefined });
  };
  if (place !== undefined) add(place.network, place.address);
  for (const each of globalAddresses(link, family))
    if (each.address !== place?.address) add(connectedNetwork(each), each.address);
  const hasLinkLocal = link.addresses.some(({ address }) => isLinkLocal(address));
  if (family === 6 && hasLinkLocal) add('fe80::/64', '');
  return [...networks.values()];
}

function globalAddresses({ addresses }: Link, family: Family): readonly LinkAddress[] {
  return addresses.filter(
    (each) => each.family === family && each.scope === 'global' && each.flaw !== 'duplicate',
  );
}

/** Undefined for a lone address, and for one whose other end is named. */
function connectedNetwork({ family, address, prefixLength, peer }: LinkAddress): string | undefined {
  const isLone = prefixLength === (family === 4 ? 32 : 128);
  return isLone || peer !== undefined ? undefined : networkOf(address, prefixLength);
}
