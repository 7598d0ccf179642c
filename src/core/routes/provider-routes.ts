/** Each provider's own routing table, and the routes through its gateway. */

import { contains } from '../../../models/address.ts';
import { isLinkLocal } from '../../../models/link-local.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Hop, Route } from '../../../models/route.ts';
import type { PathState } from '../state/state.ts';

const lastMetric = 4294967294; // of the route that stops bound traffic from leaking; the second largest

/** The provider's network and default, and a last route that keeps bound traffic from leaving elsewhere. */
export function ownTable({ binding, family, provider }: PathState): Route[] {
  const table = provider.rtTableId;
  const stop = unreachable(family, table, lastMetric);
  if (binding === undefined) return [stop];
  const metric = family === 4 ? 0 : 1024; // the kernel's default for routes without a metric
  const connected: Route = {
    ...blank(family, table, metric),
    dst: binding.network ?? 'default',
    dev: binding.interfaceName,
  };
  return [
    ...(binding.network === undefined ? [] : [{ ...connected, src: preferredSource(family, binding) }]),
    defaultRoute(family, binding, table, metric),
    stop,
  ];
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
