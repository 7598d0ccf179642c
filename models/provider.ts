import type { Family } from './path.ts';
import type { TestScenario } from './test-scenario.ts';

/** A way out to the internet: one interface, one gateway. Also called an uplink or WAN. */
export interface Provider {
  readonly id: string; // operator's name, [A-Za-z0-9][A-Za-z0-9._-]{0,31}; the key everywhere
  readonly interfaceName: string; // at most 15 bytes, the kernel's IFNAMSIZ - 1
  readonly foundBy?: string; // the pattern that its interface matches; absent where the interface is named
  readonly tier: number | null; // lower is preferred; equal tiers share load; null never gets new traffic
  readonly weight: number; // share within a tier, 1..256
  readonly enabled: boolean; // false: not checked, not routed
  readonly rtTableId: number; // the provider's own routing table
  readonly rtTableName: string; // its name in rt_tables
  readonly addressing: Readonly<Record<Family, Addressing>>;
  readonly mark: number; // on packets and connections of this provider, within the configuration's `fwmarkMask`
  readonly nat: Readonly<Record<Family, 'none' | 'masquerade' | (string & {})>>; // or the address it is translated to
  readonly onFailback: OnFailback;
  readonly testScenarios: readonly TestScenario[] | undefined; // instead of the common ones
  readonly nameservers?: readonly string[]; // literal addresses, or 'gateway'; absent: those of the configuration
  readonly requiredSuccessful?: number | 'all'; // absent: that of the configuration
  readonly probeBudget?: number; // bytes an hour that its checks may cost while it is a standby; absent: no limit
}

/** Providers whose devices are found at run time: every device that matches is one. */
export interface DevicePattern {
  readonly idPrefix: string | undefined; // before the device's name in the ids of its members
  readonly place: number; // the index in `providers` of the one its members come before
  readonly template: Provider; // its interface is 'wan*', or 'auto': every device with a default route; its table and mark are the first
}

/**
 * Where a provider's address, network and gateway in one family come from: `'auto'` reads the kernel's;
 * `'none'` as address means that the provider does not have this family. Of gateways, `'peer'` is the other end of a
 * point-to-point link, and `'discover'` whichever neighbour of the device passes a check.
 */
export interface Addressing {
  readonly address: 'auto' | 'none' | (string & {});
  readonly network: 'auto' | (string & {});
  readonly gateway: 'auto' | 'none' | 'discover' | 'peer' | (string & {});
}

/**
 * What happens to a provider's connections when traffic goes back to a better one: they finish where they are (`soft`),
 * they may for a while (`drain`), or they are cut so that they start over (`hard`).
 */
export type OnFailback =
  | { readonly kind: 'soft' | 'hard' }
  | { readonly kind: 'drain'; readonly afterMs: number };

/** Whether two providers that may carry traffic have the same tier, so that they share it. */
export function canShare(providers: readonly Provider[]): boolean {
  const tiers = providers.flatMap(({ enabled, tier }) => (enabled && tier !== null ? [tier] : []));
  return new Set(tiers).size < tiers.length;
}
