import type { Family } from './path.ts';

/** The protocol number on every route and rule we make: it marks them as ours. */
export const ourProtocol = 77;

/** The kernel's main routing table. */
export const mainTable = 254;

/** The kernel's rule for its main table; the last preference before it. */
export const mainPreference = 32_766;
export const lastPreference = mainPreference - 1;

/** A route of ours. `family`, `table`, `dst` and `metric` are its identity in the kernel. */
export interface Route {
  readonly family: Family;
  readonly table: number;
  readonly dst: string; // 'default' or CIDR
  readonly metric: number; // 0 is the kernel's "none" for IPv4
  readonly type: 'unicast' | 'unreachable';
  readonly gateway: string | undefined;
  readonly dev: string | undefined; // undefined only for unreachable
  readonly src: string | undefined; // preferred source address
  readonly onlink: boolean; // the gateway is outside every connected network
  readonly hops?: readonly Hop[]; // a multipath route: instead of `gateway`, `dev` and `onlink`
  readonly nhid?: number; // a nexthop object: instead of `gateway`, `dev`, `onlink` and `hops`
}

/** The first id of our nexthop objects of each family: an object's id alone shows its family. */
export const firstNexthopId: Readonly<Record<Family, number>> = { 4: 774_000_000, 6: 776_000_000 };

/** The family of a nexthop object of ours. */
export function familyOfNexthop(id: number): Family {
  return id >= firstNexthopId[6] ? 6 : 4;
}

/** One next hop of a multipath route. */
export interface Hop {
  readonly gateway: string | undefined;
  readonly dev: string;
  readonly onlink: boolean;
  readonly weight: number; // 1..256
}

/**
 * A nexthop object of ours: a single next hop, or a group that shares the traffic. `id` is its identity in
 * the kernel.
 */
export type Nexthop = SingleNexthop | NexthopGroup;

/**
 * A single next hop. The kernel removes it, also from groups and routes, when its device loses carrier or
 * goes down.
 */
export interface SingleNexthop {
  readonly family: Family;
  readonly id: number;
  readonly gateway: string | undefined;
  readonly dev: string;
  readonly onlink: boolean;
}

/**
 * A resilient group: changing a member moves no flows of others (linux
 * Documentation/networking/nexthop-group-resilient.rst).
 */
export interface NexthopGroup {
  readonly family: Family;
  readonly id: number;
  readonly members: readonly { readonly id: number; readonly weight: number }[];
  readonly buckets: number; // fixed for the group's lifetime
  readonly idleSeconds: number; // a bucket idle for this long may move to a member that has too few
  readonly unbalancedSeconds: number; // after this long, busy buckets are moved too; 0: never
}

/** A policy rule of ours: which packets are looked up in which table. All its fields are its identity. */
export interface Rule {
  readonly family: Family;
  readonly pref: number; // lower is matched first, 1..32765
  readonly from: string | undefined; // CIDR or address
  readonly to: string | undefined; // CIDR
  readonly oif: string | undefined; // the device that a socket is bound to
  readonly mark?: { readonly value: number; readonly mask: number } | undefined; // of the packet
  readonly table: number | undefined; // undefined for `goto`
  readonly suppressPrefixLength: number | undefined; // 0: ignore default routes found there
  readonly goto?: number | undefined; // preference of the rule to continue at
}

/** Everything of ours that is desired, or found, in the kernel. */
export interface KernelRoutes {
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  readonly nexthops?: readonly Nexthop[]; // absent: none
}

/** One change to the kernel. */
export type Operation =
  | { readonly action: 'add' | 'replace' | 'delete'; readonly route: Route }
  | { readonly action: 'add' | 'delete'; readonly rule: Rule }
  | { readonly action: 'add' | 'replace' | 'delete'; readonly nexthop: Nexthop };
