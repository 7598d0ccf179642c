import type { Family } from './path.ts';

/** The protocol number on every route and rule we make: how we tell ours from others'. */
export const ourProtocol = 77;

/** The kernel's main routing table. */
export const mainTable = 254;

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
}

/** A policy rule of ours: who is looked up in which table. All its fields are its identity. */
export interface Rule {
  readonly family: Family;
  readonly pref: number; // lower is asked first, 1..32765
  readonly from: string | undefined; // CIDR or address
  readonly to: string | undefined; // CIDR
  readonly oif: string | undefined; // device a socket is bound to
  readonly table: number;
  readonly suppressPrefixLength: number | undefined; // 0: ignore default routes found there
}

/** Everything we want in, or found in, the kernel. */
export interface KernelRoutes {
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
}

/** One change to the kernel. */
export type Operation =
  | { readonly action: 'add' | 'replace' | 'delete'; readonly route: Route }
  | { readonly action: 'add' | 'delete'; readonly rule: Rule };
