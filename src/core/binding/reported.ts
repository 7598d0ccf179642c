/** What others reported about devices, as far as bindings use it. */
import type { Lease } from '../../../models/lease.ts';
import type { DefaultRoute, Links } from '../../../models/link.ts';
import { leaseKey } from '../state/leases.ts';
import type { PathState, State } from '../state/state.ts';

/**
 * What the kernel has, with a default route for each gateway that was reported, as the last choice of all. Devices that
 * need no gateway get none: a binding that changed a moment after a PPP device came up would be another line.
 */
export function withReportedGateways(links: Links, leases: ReadonlyMap<string, Lease>): Links {
  if (leases.size === 0) return links;
  const needGateway = new Set(links.links.flatMap(({ name, pointToPoint }) => (pointToPoint ? [] : name)));
  const reported = [...leases.values()].flatMap(({ device, family, gateway }): DefaultRoute[] => {
    if (gateway === undefined || !needGateway.has(device)) return [];
    const route = { family, interfaceName: device, gateway: gateway.value, protocol: 'lease' };
    return [{ ...route, table: 0, metric: lastMetric }];
  });
  return reported.length === 0 ? links : { ...links, defaults: [...links.defaults, ...reported] };
}

const lastMetric = 2 ** 40; // no route of the kernel has one like it

/** The nameservers reported for a path's device, if its names are to be resolved by them. */
export function reportedDns({ config, leases }: State, path: PathState): readonly string[] | undefined {
  const { provider, family } = path;
  const isAsked = (provider.nameservers ?? config.nameservers)?.includes('lease') === true;
  return isAsked ? leases.get(leaseKey(provider.interfaceName, family))?.dns?.value : undefined;
}
