/** Binds paths, from the configuration, the current devices of the kernel and what was seen before. */

import { contains, networkOf } from '../../../models/address.ts';
import type { Layer } from '../../../models/layer.ts';
import type { DefaultRoute, Link, LinkAddress, Links } from '../../../models/link.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { mainTable } from '../../../models/route.ts';
import { familyName } from '../format.ts';
import type { Remembered } from '../state/memory.ts';

/** The result of binding one path. */
export interface Bound {
  readonly expected: boolean; // the provider has or had this family
  readonly binding: Binding | undefined;
  readonly obstacle: string | undefined; // why it cannot carry traffic, whatever its checks say
  readonly layer: Layer | undefined; // where the obstacle is
}

/** Binds one path. There may be an obstacle as well as a binding: without carrier the routes stay. */
export function bind(provider: Provider, family: Family, links: Links, remembered?: Remembered): Bound {
  const { address, gateway } = provider.addressing[family];
  if (address === 'none' || !provider.enabled)
    return { expected: false, binding: undefined, obstacle: undefined, layer: undefined };
  const link = links.links.find(({ name }) => name === provider.interfaceName);
  const configured =
    address !== 'auto' || (gateway !== 'auto' && gateway !== 'none') || remembered !== undefined;
  const found =
    link === undefined ? missing(provider) : onLink(link, provider, family, { links, remembered });
  const expected =
    configured || found.binding !== undefined || (family === 4 && !hasIpv6Only(link, provider, links));
  return { expected, ...found };
}

interface Known {
  readonly links: Links;
  readonly remembered: Remembered | undefined;
}

type Found = Omit<Bound, 'expected'>;

function blocked(layer: Layer, obstacle: string): Found {
  return { binding: undefined, obstacle, layer };
}

function missing(provider: Provider): Found {
  return blocked('carrier', `interface ${provider.interfaceName} is missing`);
}

function onLink(link: Link, provider: Provider, family: Family, known: Known): Found {
  if (!link.up) return blocked('carrier', `interface ${link.name} is down`);
  const { address } = provider.addressing[family];
  const own = pickAddress(link, family, address, gatewayHint(link, provider, family, known));
  if (own === undefined) return blocked('address', noAddress(link, family, address));
  const network = networkFor(provider.addressing[family].network, own);
  const gateway = findGateway(link, provider, family, { ...known, own, network });
  if (gateway === undefined && !link.pointToPoint && provider.addressing[family].gateway !== 'none') {
    return blocked('gateway', `no ${familyName(family)} gateway is known for ${link.name}`);
  }
  if (gateway === own.address)
    return blocked('gateway', `${gateway} is this machine's own address on ${link.name}, no gateway`);
  const binding = {
    interfaceName: link.name,
    interfaceIndex: link.index,
    address: own.address,
    network,
    gateway,
  };
  if (link.carrier) return { binding, obstacle: undefined, layer: undefined };
  return { binding, obstacle: `interface ${link.name} has no carrier`, layer: 'carrier' };
}

function noAddress(link: Link, family: Family, configured: string): string {
  if (configured !== 'auto') return `address ${configured} is gone from ${link.name}`;
  return `interface ${link.name} has no ${familyName(family)} address`;
}

/**
 * The configured address; or else the first usable one, preferring one whose network contains the gateway, as
 * RFC 6724 rule 5.5 does for IPv6. Link-local addresses do not reach the internet.
 */
function pickAddress(
  link: Link,
  family: Family,
  configured: string,
  gateway: string | undefined,
): LinkAddress | undefined {
  const own = link.addresses.filter((address) => address.family === family);
  if (configured !== 'auto') return own.find(({ address }) => address === configured);
  const usable = own.filter(({ scope, usable }) => scope === 'global' && usable);
  const near = (candidate: LinkAddress): boolean =>
    gateway !== undefined && contains(`${candidate.address}/${candidate.prefixLength}`, gateway);
  return usable.find(near) ?? usable[0];
}

function networkFor(configured: string, own: LinkAddress): string | undefined {
  if (configured !== 'auto') return configured;
  const lone = own.prefixLength === (own.family === 4 ? 32 : 128);
  return lone || own.peer !== undefined ? undefined : networkOf(own.address, own.prefixLength);
}

function gatewayHint(link: Link, provider: Provider, family: Family, known: Known): string | undefined {
  const { gateway } = provider.addressing[family];
  if (gateway === 'discover') return known.remembered?.gateway;
  if (gateway !== 'auto') return isLiteral(gateway) ? gateway : undefined;
  return gatewayFromRoutes(known.links.defaults, link.name, family) ?? known.remembered?.gateway;
}

/** The configured gateway, else that of a default route, else an earlier one of the same network. */
function findGateway(
  link: Link,
  provider: Provider,
  family: Family,
  known: Known & { own: LinkAddress; network: string | undefined },
): string | undefined {
  const { gateway } = provider.addressing[family];
  if (gateway === 'peer') return peerOf(link, known.own);
  if (gateway === 'discover') return known.remembered?.gateway;
  if (gateway !== 'auto') return isLiteral(gateway) ? gateway : undefined;
  const found = gatewayFromRoutes(known.links.defaults, link.name, family);
  if (found !== undefined) return found;
  return known.remembered?.network === known.network ? known.remembered?.gateway : undefined;
}

function isLiteral(gateway: string): boolean {
  return /[.:]/.test(gateway);
}

/** The other end of a point-to-point link. In IPv6 only the link-local address may have it. */
function peerOf(link: Link, own: LinkAddress): string | undefined {
  if (own.peer !== undefined) return own.peer;
  return link.addresses.find(({ family, peer }) => family === own.family && peer !== undefined)?.peer;
}

/** The gateway of the best foreign default route through a device; those in `main` come first. */
function gatewayFromRoutes(
  defaults: readonly DefaultRoute[],
  interfaceName: string,
  family: Family,
): string | undefined {
  const routes = defaults.filter(
    (route) =>
      route.interfaceName === interfaceName && route.family === family && route.gateway !== undefined,
  );
  const rank = (route: DefaultRoute): number => (route.table === mainTable ? 0 : 2 ** 32) + route.metric;
  return routes.sort((a, b) => rank(a) - rank(b))[0]?.gateway;
}

/** A device with IPv6 but no IPv4 is not a failing IPv4 provider. */
function hasIpv6Only(link: Link | undefined, provider: Provider, links: Links): boolean {
  if (link === undefined || link.addresses.some(({ family }) => family === 4)) return false;
  return (
    provider.addressing[6].address !== 'none' &&
    onLink(link, provider, 6, { links, remembered: undefined }).binding !== undefined
  );
}
