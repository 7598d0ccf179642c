/** Binds paths, from the configuration, the current devices of the kernel and what was seen before. */

import { networkOf } from '../../../models/address.ts';
import type { Layer } from '../../../models/layer.ts';
import type { Link, LinkAddress, Links } from '../../../models/link.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { familyName } from '../format.ts';
import type { Remembered } from '../state/memory.ts';
import { chooseAddress, noAddress } from './choose-address.ts';
import { findNextHop, gatewayHint, type Known } from './find-gateway.ts';

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

type Found = Omit<Bound, 'expected'>;

function blocked(layer: Layer, obstacle: string): Found {
  return { binding: undefined, obstacle, layer };
}

function missing(provider: Provider): Found {
  return blocked('carrier', `interface ${provider.interfaceName} is missing`);
}

function onLink(link: Link, provider: Provider, family: Family, known: Known): Found {
  if (!link.up) return blocked('carrier', `interface ${link.name} is down`);
  const { address, network: written } = provider.addressing[family];
  const hint = gatewayHint(link, provider, family, known);
  const current = known.remembered?.address;
  const own = chooseAddress(link, family, { configured: address, gateway: hint, current });
  if (own === undefined) return blocked('address', noAddress(link, family, address));
  const network = networkFor(written, own);
  const hop = findNextHop(link, provider, family, { ...known, own, network });
  if (hop === undefined)
    return blocked('gateway', `no ${familyName(family)} gateway is known for ${link.name}`);
  const { gateway } = hop;
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

function networkFor(configured: string, own: LinkAddress): string | undefined {
  if (configured !== 'auto') return configured;
  const lone = own.prefixLength === (own.family === 4 ? 32 : 128);
  return lone || own.peer !== undefined ? undefined : networkOf(own.address, own.prefixLength);
}

/** A device with IPv6 but no IPv4 is not a failing IPv4 provider. */
function hasIpv6Only(link: Link | undefined, provider: Provider, links: Links): boolean {
  if (link === undefined || link.addresses.some(({ family }) => family === 4)) return false;
  return (
    provider.addressing[6].address !== 'none' &&
    onLink(link, provider, 6, { links, remembered: undefined }).binding !== undefined
  );
}
