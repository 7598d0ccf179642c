/** Where a path's packets go first: to a router, or straight to whomever they are for. */
import type { DefaultRoute, Link, LinkAddress, Links } from '../../../models/link.ts';
import type { Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { mainTable } from '../../../models/route.ts';
import type { Remembered } from '../state/memory.ts';

/** The next hop of a path. `gateway` is undefined on devices that need none (tun, WireGuard, PPP, MBIM modems). */
export interface NextHop {
  readonly gateway: string | undefined;
}

/** What gateways are found in. */
export interface Known {
  readonly links: Links;
  readonly remembered: Remembered | undefined;
}

const direct: NextHop = { gateway: undefined };

/**
 * As configured, else as a default route says, else as an earlier one of the same network did; undefined if that is
 * not known.
 */
export function findNextHop(
  link: Link,
  provider: Provider,
  family: Family,
  known: Known & { own: LinkAddress; network: string | undefined },
): NextHop | undefined {
  const { gateway } = provider.addressing[family];
  if (gateway === 'auto') return fromRoutes(link, family, known);
  const found = fixedGateway(link, gateway, known);
  if (found !== undefined) return { gateway: found };
  return gateway === 'none' || link.pointToPoint ? direct : undefined;
}

function fixedGateway(
  link: Link,
  gateway: string,
  { own, remembered }: Known & { own: LinkAddress },
): string | undefined {
  if (gateway === 'peer') return peerOf(link, own);
  if (gateway === 'discover') return remembered?.gateway;
  return isLiteral(gateway) ? gateway : undefined;
}

/** A default route without a gateway is as good as one with: modems without ARP get no other. */
function fromRoutes(
  link: Link,
  family: Family,
  { links, remembered, network }: Known & { network: string | undefined },
): NextHop | undefined {
  const [best] = defaultsThrough(links.defaults, link.name, family);
  if (best !== undefined) return { gateway: best.gateway };
  const isSame = remembered !== undefined && remembered.network === network;
  if (isSame && remembered.gateway !== undefined) return { gateway: remembered.gateway };
  return link.pointToPoint || (isSame && remembered.isDirect === true) ? direct : undefined;
}

/** The gateway, as far as it is known before there is an address; it helps to choose one. */
export function gatewayHint(
  link: Link,
  provider: Provider,
  family: Family,
  known: Known,
): string | undefined {
  const { gateway } = provider.addressing[family];
  if (gateway === 'discover') return known.remembered?.gateway;
  if (gateway !== 'auto') return isLiteral(gateway) ? gateway : undefined;
  const [best] = defaultsThrough(known.links.defaults, link.name, family);
  return best === undefined ? known.remembered?.gateway : best.gateway;
}

function isLiteral(gateway: string): boolean {
  return /[.:]/.test(gateway);
}

/** The other end of a point-to-point link. In IPv6 only the link-local address may have it. */
function peerOf(link: Link, own: LinkAddress): string | undefined {
  if (own.peer !== undefined) return own.peer;
  return link.addresses.find(({ family, peer }) => family === own.family && peer !== undefined)?.peer;
}

/** Foreign default routes through a device: first those with a gateway, of these those in `main`, by metric. */
function defaultsThrough(
  defaults: readonly DefaultRoute[],
  interfaceName: string,
  family: Family,
): readonly DefaultRoute[] {
  const routes = defaults.filter((route) => route.interfaceName === interfaceName && route.family === family);
  const rank = ({ gateway, table, metric }: DefaultRoute): number =>
    (gateway === undefined ? 2 ** 33 : 0) + (table === mainTable ? 0 : 2 ** 32) + metric;
  return routes.sort((a, b) => rank(a) - rank(b));
}
