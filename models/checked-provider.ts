import type { Family } from './path.ts';
import type { providerFields } from './provider-fields.ts';
import type { Value } from './setting.ts';

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

/** A provider as its scenarios see it: all of it but the scenarios. */
export interface CheckedProvider extends Always, Own {
  readonly foundBy?: string; // the pattern that its interface matches; absent where the interface is named
  readonly addressing: Readonly<Record<Family, Addressing>>;
  readonly mark: number; // on packets and connections of this provider, within the configuration's `fwmarkMask`
  readonly nat: Readonly<Record<Family, 'none' | 'masquerade' | (string & {})>>; // or the address it is translated to
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
