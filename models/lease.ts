/** What others know about a device: DHCP clients, PPP daemons and network managers report it, checks do not find it. */
import type { Instant } from './instant.ts';
import type { Family } from './path.ts';

/** Everything that was reported about one device in one family. */
export interface Lease {
  readonly device: string;
  readonly family: Family;
  readonly gateway?: Reported<string>; // an address
  readonly dns?: Reported<readonly string[]>; // the addresses of its nameservers
}

/** One value, with where it comes from and how long it holds. */
export interface Reported<T> {
  readonly value: T;
  readonly source: string; // 'dhclient'
  readonly at: Instant; // when it was reported last
  readonly until?: Instant; // when it runs out, unless it is renewed; absent: never
}
