/**
 * Spells the lab's network as `ip` commands. Per ISP `n`:
 *
 *     router ethN ── customer [isp] upstream ── ispN internet
 *       10.10.n.1   10.10.n.254    100.64.n.1   100.64.n.2
 *
 * In the ISP and internet namespaces the `local` rule moves from preference 0 to 5, so that a fault at 1
 * comes before it (nothing at all is answered), and one at 10 after it (only forwarding stops).
 */
import type { Family } from '../../models/path.ts';
import type { Ends, Isp } from './isp.ts';

/**
 * Splits spelled commands by the batch they belong to: those for `ip -6` have their own batch, without the
 * leading `-6`.
 */
export function splitFamilies(commands: readonly string[]): Readonly<Record<Family, readonly string[]>> {
  const six = commands.filter((command) => command.startsWith('-6 '));
  return {
    4: commands.filter((command) => !command.startsWith('-6 ')),
    6: six.map((command) => command.slice(3)),
  };
}

/**
 * Addresses on the internet, by family: the first three are well-known resolvers, the last answers the flows.
 */
export const internetAddresses: Readonly<Record<Family, readonly string[]>> = {
  4: ['1.1.1.1', '8.8.8.8', '9.9.9.9', '198.51.100.1'],
  6: ['2606:4700:4700::1111', '2001:4860:4860::8888', '2620:fe::fe', '2001:db8:fffe::1'],
};

/** Where the flow's echo server listens. */
export const flowTargets: Readonly<Record<Family, string>> = { 4: '198.51.100.1', 6: '2001:db8:fffe::1' };

/** Preferences of the rules in an ISP: lower comes first. */
export const prefs = { dead: 1, local: 5, cut: 10, delay: 20 } as const;

const localRuleLast = [
  `rule add pref ${prefs.local} lookup local`,
  `-6 rule add pref ${prefs.local} lookup local`,
  'rule del pref 0',
  '-6 rule del pref 0',
];

/** The cables: one from router to ISP (ethernet only), one from ISP to internet. Run in any namespace. */
export function spellCables(isp: Isp, routerIndex: number): readonly string[] {
  const upstream = `link add upstream index ${1000 + isp.index} netns ${isp.name} type veth`;
  const toInternet = `${upstream} peer name isp${isp.index} index ${2000 + isp.index} netns internet`;
  return isp.kind === 'tun' ? [toInternet] : [spellCustomerCable(isp, routerIndex), toInternet];
}

/**
 * The customer's cable. Its ends get different indexes: if they are equal the kernel delays carrier events by
 * up to 1 s.
 */
export function spellCustomerCable(isp: Isp, routerIndex: number): string {
  const router = `link add ${isp.device} index ${routerIndex} netns router type veth`;
  return `${router} peer name customer index ${3000 + routerIndex} netns ${isp.name}`;
}

/** The router's end of one ISP's link. */
export function spellRouterEnd(isp: Isp): readonly string[] {
  const addresses = ([4, 6] as const).flatMap((family) => spellAddress(isp, family) ?? []);
  return [`link set ${isp.device} up`, ...addresses.map((address) => `address add ${address}`)];
}

/** One address of the router, as the words after `address add` or `del`; undefined without that family. */
export function spellAddress(isp: Isp, family: Family): string | undefined {
  const ends = isp.ends[family];
  if (ends === undefined) return undefined;
  if (isp.kind === 'tun' && family === 4) return `${ends.address} peer ${ends.gateway}/32 dev ${isp.device}`;
  return `${ends.address}/${ends.prefixLength} dev ${isp.device}${family === 6 ? ' nodad' : ''}`;
}

/** The ISP's end of its customer's link. */
export function spellCustomerEnd(isp: Isp): readonly string[] {
  const [four, six] = [isp.ends[4], isp.ends[6]];
  const network4 = isp.kind === 'tun' ? `peer ${four?.address}/32` : '';
  const address4 = isp.kind === 'tun' ? four?.gateway : `${four?.gateway}/${four?.prefixLength}`;
  return [
    'link set customer up',
    ...(four ? [`address add ${address4} ${network4} dev customer`] : []),
    ...(six ? [`address add ${six.gateway}/${six.prefixLength} dev customer nodad`] : []),
  ];
}

/** The rest of an ISP: its route to the internet and its rules. */
export function spellIsp(isp: Isp): readonly string[] {
  return [
    'link set lo up',
    'link set upstream up',
    `address add 100.64.${isp.index}.1/30 dev upstream`,
    `address add fd64:${isp.index}::1/64 dev upstream nodad`,
    `route add default via 100.64.${isp.index}.2`,
    `-6 route add default via fd64:${isp.index}::2`,
    ...localRuleLast,
  ];
}

/** The internet: its addresses, and a route back to every customer through the ISP. */
export function spellInternet(isps: readonly Isp[]): readonly string[] {
  const addresses = [...internetAddresses[4], ...internetAddresses[6]];
  return [
    'link set lo up',
    ...addresses.map((address) => `address add ${address} dev lo${address.includes(':') ? ' nodad' : ''}`),
    ...localRuleLast,
    ...isps.flatMap((isp) => [
      `link set isp${isp.index} up`,
      `address add 100.64.${isp.index}.2/30 dev isp${isp.index}`,
      `address add fd64:${isp.index}::2/64 dev isp${isp.index} nodad`,
    ]),
    ...isps.flatMap((isp) => spellReturn(isp, isps)),
  ];
}

/**
 * Host routes distinguish ISPs of one network; the whole network goes to its first ISP, so that address
 * changes work.
 */
function spellReturn(isp: Isp, isps: readonly Isp[]): readonly string[] {
  if (isp.translated) return [];
  const [four, six] = [isp.ends[4], isp.ends[6]];
  const [via4, via6] = [`via 100.64.${isp.index}.1`, `via fd64:${isp.index}::1`];
  const isFirst = (family: Family): boolean =>
    isps.find((other) => other.ends[family]?.gateway === isp.ends[family]?.gateway) === isp;
  return [
    ...(four ? [`route add ${four.address}/32 ${via4}`] : []),
    ...(four && isFirst(4) ? [`route add ${network4(four)} ${via4}`] : []),
    ...(six ? [`-6 route add ${six.address}/128 ${via6}`] : []),
    ...(six && isFirst(6) && network6(six) ? [`-6 route add ${network6(six)} ${via6}`] : []),
  ];
}

/** The connected IPv4 network of a link, in CIDR form. */
export function network4({ address, prefixLength }: Ends): string {
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const base = bits - (bits % 2 ** (32 - prefixLength));
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
  return `${parts.join('.')}/${prefixLength}`;
}

/**
 * The connected IPv6 network of a link. Only for the form labs use, `a:b:c::host/64`; undefined for others,
 * whose customers only get a host route.
 */
export function network6({ address, prefixLength }: Ends): string | undefined {
  const [prefix = '', host] = address.split('::');
  const fits = prefixLength === 64 && host !== undefined && prefix.split(':').length <= 4;
  return fits ? `${prefix}::/64` : undefined;
}
