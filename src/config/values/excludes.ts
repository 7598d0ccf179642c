import { contains } from '../../../models/address.ts';
import { siblingOf } from './address.ts';

/**
 * The fourteen blocks that S1 calls reserved (RFC 6890 and multicast and above), and IPv6's (IANA
 * special-purpose registry).
 */
const reserved = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/127', // unspecified and loopback
  '100::/64',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
];

/** The networks that bypass our table, as few as possible: subsets dropped, halves joined. */
export function excludedNetworks(excludes: {
  readonly networks?: readonly string[] | undefined;
  readonly reserved?: boolean | undefined;
}): readonly string[] {
  return minimise([...(excludes.networks ?? []), ...(excludes.reserved === true ? reserved : [])]);
}

/** The fewest networks that cover the same addresses; IPv4 first, each family in the order of its addresses' text. */
export function minimise(networks: readonly string[]): readonly string[] {
  const left = new Set(networks);
  for (let changed = true; changed; ) {
    changed = false;
    for (const network of left) {
      const { sibling, parent } = siblingOf(network);
      if (sibling !== undefined && left.has(sibling)) {
        left.delete(network);
        left.delete(sibling);
        left.add(parent);
        changed = true;
      }
    }
    for (const network of left) if (isInside(network, left)) left.delete(network);
  }
  return [...left].sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')) || (a < b ? -1 : 1));
}

function isInside(network: string, others: ReadonlySet<string>): boolean {
  const [address = '', length = ''] = network.split('/');
  return [...others].some(
    (other) => other !== network && Number(other.split('/')[1]) < Number(length) && contains(other, address),
  );
}
