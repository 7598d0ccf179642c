import type { Lease, Reported } from '../../models/lease.ts';
import { duration } from '../core/format.ts';

/** What others reported about a path's device, with source and end: `gateway 10.10.1.254 (dhclient, 23 h left)`. */
export function leaseWords({ gateway, dns }: Pick<Lease, 'gateway' | 'dns'>, at: number): string {
  const parts = [
    gateway && `gateway ${gateway.value} (${origin(gateway, at)})`,
    dns && `DNS ${dns.value.join(' ')} (${origin(dns, at)})`,
  ];
  return `reported: ${parts.filter((part) => part !== undefined).join(', ')}`;
}

function origin({ source, until }: Reported<unknown>, at: number): string {
  return until === undefined ? source : `${source}, ${duration(Math.max(0, until - at))} left`;
}
