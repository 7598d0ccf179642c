/** Converts the output of `ip -N -j address show` and `route show default` into our own models. */
import type { DefaultRoute, Link, LinkAddress, Neighbour } from '../../models/link.ts';
import type { Family } from '../../models/path.ts';
import { mainTable, ourProtocol } from '../../models/route.ts';

type Row = Readonly<Record<string, unknown>>;

/** The devices that `ip -N -j address show` lists. Rows of an unknown shape are skipped. */
export function readLinks(rows: readonly unknown[]): Link[] {
  return rows.filter(isRow).flatMap((row) => {
    const { ifname, ifindex } = row;
    if (typeof ifname !== 'string' || typeof ifindex !== 'number') return [];
    const flags = Array.isArray(row['flags']) ? row['flags'] : [];
    const addresses = Array.isArray(row['addr_info']) ? row['addr_info'] : [];
    return {
      name: ifname,
      index: ifindex,
      up: flags.includes('UP'),
      carrier: flags.includes('LOWER_UP') && !flags.includes('NO-CARRIER'),
      pointToPoint: flags.includes('POINTOPOINT'),
      addresses: addresses.filter(isRow).flatMap((address) => readAddress(address) ?? []),
      ...kindOf(row),
    };
  });
}

/** Only `ip -d` shows it, and only for virtual devices. */
function kindOf({ linkinfo }: Row): Pick<Link, 'kind'> {
  const kind = isRow(linkinfo) ? linkinfo['info_kind'] : undefined;
  return typeof kind === 'string' ? { kind } : {};
}

/**
 * The neighbours of some devices that `ip -N -j neigh show` lists with a hardware address, in a fixed order.
 */
export function readNeighbours(rows: readonly unknown[], devices: ReadonlySet<string>): Neighbour[] {
  const neighbours = rows.filter(isRow).flatMap((row): readonly Neighbour[] => {
    const { dst, dev, lladdr } = row;
    if (typeof dst !== 'string' || typeof dev !== 'string' || typeof lladdr !== 'string') return [];
    const family: Family = dst.includes(':') ? 6 : 4;
    return devices.has(dev) ? [{ family, interfaceName: dev, address: dst, router: 'router' in row }] : [];
  });
  const key = ({ interfaceName, address }: Neighbour): string => `${interfaceName} ${address}`;
  return neighbours.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/**
 * Foreign default routes in the output of `ip -N -j route show default table all`. Of an IPv6 route of ours that
 * others joined with theirs, the next hops after the first, as `joined`: they are theirs, unless we wrote several.
 */
export function readDefaults(family: Family, text: string): DefaultRoute[] {
  const rows: unknown = text.trim() === '' ? [] : JSON.parse(text);
  if (!Array.isArray(rows)) return [];
  return rows.filter(isRow).flatMap((row) => {
    const protocol = String(row['protocol'] ?? '3'); // `ip` omits boot, that of routes added by hand
    if (row['type'] !== undefined) return [];
    const isOurs = protocol === String(ourProtocol);
    const hops = !isOurs
      ? hopsOf(row)
      : family === 6 && row['nhid'] === undefined
        ? hopsOf(row).slice(1)
        : [];
    return hops.map((hop) => ({
      family,
      table: row['table'] === undefined ? mainTable : Number(row['table']),
      interfaceName: String(hop['dev'] ?? ''),
      gateway: gatewayOf(hop),
      metric: typeof row['metric'] === 'number' ? row['metric'] : 0,
      protocol: isOurs ? joined : (protocolNames.get(protocol) ?? protocol),
    }));
  });
}

/** In place of a protocol that the kernel does not show. */
export const joined = 'joined';

/** The part of `/etc/iproute2/rt_protos` that occurs with default routes. */
const protocolNames = new Map([
  ['2', 'kernel'],
  ['3', 'boot'],
  ['4', 'static'],
  ['9', 'ra'],
  ['11', 'zebra'],
  ['12', 'bird'],
  ['16', 'dhcp'],
  ['186', 'bgp'],
  ['188', 'ospf'],
]);

/** A multipath route shows its next hops in a list of their own. */
function hopsOf(row: Row): Row[] {
  const { nexthops } = row;
  return Array.isArray(nexthops) ? nexthops.filter(isRow) : [row];
}

function gatewayOf(hop: Row): string | undefined {
  const via = isRow(hop['via']) ? hop['via']['host'] : hop['gateway']; // `via inet6 fe80::1` for an IPv4 route
  return typeof via === 'string' ? via : undefined;
}

function readAddress(row: Row): LinkAddress | undefined {
  const { local, family, prefixlen, scope, address } = row;
  if (typeof local !== 'string' || typeof prefixlen !== 'number') return undefined;
  if (family !== 'inet' && family !== 'inet6') return undefined;
  return {
    family: family === 'inet' ? 4 : 6,
    address: local,
    prefixLength: prefixlen,
    peer: typeof address === 'string' ? address : undefined,
    scope: scope === '0' ? 'global' : scope === '253' ? 'link' : 'other',
    ...conditionOf(row),
  };
}

function conditionOf(row: Row): Pick<LinkAddress, 'usable' | 'flaw' | 'temporary'> {
  const flaw = (['dadfailed', 'tentative', 'deprecated'] as const).find((flag) => row[flag] === true);
  return {
    usable: flaw === undefined,
    ...(flaw && { flaw: flaw === 'dadfailed' ? 'duplicate' : flaw }),
    ...(row['temporary'] === true && { temporary: true }),
  };
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
