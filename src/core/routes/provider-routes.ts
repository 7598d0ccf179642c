/** Each provider's own routing table, and the routes through its gateway. */

import { contains } from '../../../models/address.ts';
import type { Link } from '../../../models/link.ts';
import { isLinkLocal } from '../../../models/link-local.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Hop, Route } from '../../../models/route.ts';
import type { PathState } from '../state/state.ts';
import { type Connected, connectedNetworks } from './device-networks.ts';

const lastMetric = 4294967294; // of the route that stops bound traffic from leaking; the second largest

/**
 * The networks on the provider's device, its default, and a last route that keeps bound traffic from leaving
 * elsewhere. `link`: its device, if what is on it is this provider's; packets that are led here by their mark
 * find networks in `main` first.
 */
export function ownTable({ binding, family, provider }: PathState, link: Link | undefined): Route[] {
  const table = provider.rtTableId;
  const metric = family === 4 ? 0 : 1024; // the kernel's default for routes without a metric
  return [
    ...networksOn(link, family, binding).map(({ network, address }) => ({
      ...blank(family, table, metric),
      dst: network,
      dev: provider.interfaceName,
      src: address,
    })),
    ...(binding === undefined ? [] : [defaultRoute(family, binding, table, metric)]),
    unreachable(family, table, lastMetric),
  ];
}

/** Those of the whole device while it is up; or that of the path alone. */
function networksOn(
  link: Link | undefined,
  family: Family,
  binding: Binding | undefined,
): readonly Connected[] {
  if (link !== undefined) return link.up ? connectedNetworks(link, family, binding) : [];
  if (binding?.network === undefined) return [];
  return [{ network: binding.network, address: preferredSource(family, binding) }];
}

/** The default route through a path. */
export function defaultRoute(family: Family, binding: Binding, table: number, metric: number): Route {
  return { ...blank(family, table, metric), ...nextHop(binding), src: preferredSource(family, binding) };
}

/** A path's gateway and device. */
export function nextHop({ gateway, network, interfaceName }: Binding): Omit<Hop, 'weight'> {
  const isOnLink =
    gateway === undefined || isLinkLocal(gateway) || (network !== undefined && contains(network, gateway));
  return { gateway, dev: interfaceName, onlink: !isOnLink };
}

/** IPv6 sources are left to the kernel: RFC 6724 takes deprecated and temporary addresses into account. */
function preferredSource(family: Family, binding: Binding): string | undefined {
  return family === 4 ? binding.address : undefined;
}

/** The default route that answers "unreachable". */
export function unreachable(family: Family, table: number, metric: number): Route {
  return { ...blank(family, table, metric), type: 'unreachable' };
}

/** A default route without a next hop yet. */
export function blank(family: Family, table: number, metric: number): Route {
  const route = { family, table, metric, dst: 'default', type: 'unicast' } as const;
  return { ...route, gateway: undefined, dev: undefined, src: undefined, onlink: false };
}
