import type { Family } from './path.ts';

/**
 * A policy rule that is neither ours nor the kernel's own: a VPN's, an operator's, a network manager's. In the order in
 * which the kernel looks at them.
 */
export interface ForeignRule {
  readonly family: Family;
  readonly pref: number; // lower is matched first
  readonly text: string; // the rest of it, as `ip rule` shows it: 'not from all fwmark 0xca6c lookup 51820'
  readonly table?: number; // absent: it leads to no table
  readonly from?: string; // address or CIDR; absent: all
  readonly mark?: { readonly value: number; readonly mask: number }; // of the packet; absent: any
  readonly isNot?: true; // it matches what its selectors do not
  readonly isNarrow?: true; // it has selectors besides `from` and `mark`: destination, device, user, port, …
  readonly suppressPrefixLength?: number; // 0: default routes found there are ignored
  readonly isAfterOurs?: true; // a rule of ours with the same preference comes before it
}
