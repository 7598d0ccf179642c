import type { Family } from './path.ts';
import type { providerFields } from './provider-fields.ts';
import type { Value } from './setting.ts';

type Fields = typeof providerFields;

/** Fields that every provider has. `CheckedProvider` adds those kept by family. */
type Always = {
  readonly [K in keyof Fields as Fields[K] extends { isReshaped: true } | { mayBeAbsent: true }
    ? never
    : K]: Value<Fields[K]>;
};

/** Optional fields; absent: the configuration's common value, or no limit. */
type Own = {
  readonly [K in keyof Fields as Fields[K] extends { mayBeAbsent: true } ? K : never]?: Value<Fields[K]>;
};

/** A provider as its scenarios see it: everything except the scenarios. */
export interface CheckedProvider extends Always, Own {
  readonly foundBy?: string; // the pattern that its interface matches; absent if the interface is named
  readonly addressing: Readonly<Record<Family, Addressing>>;
  readonly mark: number; // on packets and connections of this provider, within the configuration's `fwmarkMask`
  readonly nat: Readonly<Record<Family, 'none' | 'masquerade' | (string & {})>>; // or the address it is translated to
}

/**
 * Where a provider's address, network and gateway in one family come from: `'auto'` reads the kernel's; the address
 * `'none'` means that the provider does not have this family. The gateway `'peer'` is the other end of a point-to-point
 * link, and `'discover'` is whichever neighbour of the device passes a check.
 */
export interface Addressing {
  readonly address: 'auto' | 'none' | (string & {});
  readonly network: 'auto' | (string & {});
  readonly gateway: 'auto' | 'none' | 'discover' | 'peer' | (string & {});
}
