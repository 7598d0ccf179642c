/** Expands an entry of the list into its providers: a range of gateways has one per address. */
import { bitsOf } from '../values/address.ts';
import { familyOfRange, gatewaysIn } from '../values/range.ts';
import type { ProviderDraft } from './draft.ts';

const maxIdLength = 32;
const last64BitsLength = '0000-0000-0000-0000'.length;

/**
 * The members of a range as drafts of their own, which differ in id, gateway and table; any other draft unchanged. All
 * have the range's place in the list, and thus its tier.
 */
export function expandRange(draft: ProviderDraft): readonly ProviderDraft[] {
  const { gateways, rtTableName: _, ...values } = draft.values;
  if (gateways === undefined) return [draft];
  const isFour = familyOfRange(gateways) === 4;
  const own = isFour ? 'gateway' : 'ipv6Gateway';
  const otherAddress = isFour ? 'ipv6Address' : 'ipv4Address';
  const withoutOther = isFour
    ? { ipv6Network: undefined, ipv6Gateway: undefined }
    : { network: undefined, gateway: undefined };
  const derived = { id: 'from gateways', [own]: 'from gateways', [otherAddress]: 'from gateways' } as const;
  const addresses = gatewaysIn(gateways);
  const ids = idsOf(addresses, idPrefix(draft));
  return addresses.map((gateway, i) => ({
    ...draft,
    derived,
    values: {
      ...values,
      ...withoutOther, // reported by the rules for ranges
      ...(values.rtTableId === undefined ? {} : { rtTableId: values.rtTableId + i }),
      id: ids[i],
      [own]: gateway,
      [otherAddress]: 'none',
    },
  }));
}

/** The prefix of the ids of an entry's members: its own id, or the name of its interface. */
export function idPrefix({ values: { id, interfaceName = '' } }: Pick<ProviderDraft, 'values'>): string {
  return id ?? interfaceName.replaceAll(/[^A-Za-z0-9._-]/g, '-');
}

/** The longest prefix that a range's ids may have, in characters. */
export function longestPrefix(gateways: string): number {
  const longest = Math.max(...gatewaysIn(gateways).map(({ length }) => length));
  const least = familyOfRange(gateways) === 4 ? longest : Math.min(longest, last64BitsLength);
  return maxIdLength - 1 - least;
}

/** Prefix and address; if IPv6 addresses are too long, their last 64 bits, in which those of one range differ. */
function idsOf(addresses: readonly string[], prefix: string): readonly string[] {
  const whole = addresses.map((address) => `${prefix}-${address.replaceAll(':', '-')}`);
  if (whole.every(({ length }) => length <= maxIdLength)) return whole;
  return addresses.map((address) => {
    const groups = [48n, 32n, 16n, 0n].map((shift) => ((bitsOf(address) >> shift) & 0xffffn).toString(16));
    return `${prefix}-${groups.join('-')}`;
  });
}
