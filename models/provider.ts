import type { Family } from './path.ts';
import type { providerFields } from './provider-fields.ts';
import type { Value } from './setting.ts';
import type { TestScenario } from './test-scenario.ts';

type Fields = typeof providerFields;

/** Fields that every provider has. What is kept by family is `Provider`'s own. */
type Always = {
  readonly [K in keyof Fields as Fields[K] extends { isReshaped: true } | { mayBeAbsent: true }
    ? never
    : K]: Value<Fields[K]>;
};

/** Absent: what the configuration says for all, or no limit. */
type Own = {
  readonly [K in keyof Fields as Fields[K] extends { mayBeAbsent: true } ? K : never]?: Value<Fields[K]>;
};

/** What an id looks like: it becomes a table name, a line in `sticky.provider` and a word in commands. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/** A way out to the internet: one interface, one gateway. Also called an uplink or WAN. */
export interface Provider extends Always, Own {
  readonly foundBy?: string; // the pattern that its interface matches; absent where the interface is named
  readonly addressing: Readonly<Record<Family, Addressing>>;
  readonly mark: number; // on packets and connections of this provider, within the configuration's `fwmarkMask`
  readonly nat: Readonly<Record<Family, 'none' | 'masquerade' | (string & {})>>; // or the address it is translated to
  readonly testScenarios: readonly TestScenario[] | undefined; // instead of the common ones
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

/** Whether two providers that may carry traffic have the same tier, so that they share it. */
export function canShare(providers: readonly Provider[]): boolean {
  const tiers = providers.flatMap(({ enabled, tier }) => (enabled && tier !== null ? [tier] : []));
  return new Set(tiers).size < tiers.length;
}
