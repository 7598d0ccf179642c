/** Completes a provider with what its draft leaves out, and records where each of its values comes from. */

import type { Addressing } from '../../../models/checked-provider.ts';
import type { Reaction } from '../../../models/config.ts';
import type { Provider } from '../../../models/provider.ts';
import { type ProviderField, providerFields } from '../../../models/provider-fields.ts';
import type { Value } from '../../../models/setting.ts';
import { defaultsOf } from '../schema/defaults.ts';
import { type ProviderValues, reviewProvider } from '../schema/schema.ts';
import { networkOf } from '../values/address.ts';
import { tableNameFor } from '../values/names.ts';
import type { ProviderDraft } from './draft.ts';

/** Where a value comes from. */
export type Source = 'config' | 'default' | `reaction ${Reaction}` | `from ${string}`;

type Table = typeof providerFields;

/** The default of every field that has one. */
type Presets = {
  readonly [K in keyof Table as Table[K] extends { default: unknown } ? K : never]: Value<Table[K]>;
};

const presets = reviewProvider(defaultsOf(providerFields)).values as Presets; // follows the same rule as the type

/** Fields that a `Provider` has unchanged. */
type Kept = Omit<Provider, 'addressing' | 'mark' | 'nat' | 'testScenarios' | 'foundBy'>;

/** Fills in what a draft leaves out. `index`: its place among all; `mark`, `tableId`: free ones for it. */
export function resolveProvider(
  { values, testScenarios, place }: ProviderDraft,
  { index, mark, tableId }: { index: number; mark: number; tableId: () => number },
): Provider {
  const id = values.id ?? `provider-${index + 1}`;
  const own = {
    ...presets,
    tier: place,
    interfaceName: '',
    rtTableName: tableNameFor(id),
    ...withoutUnset(values),
    id,
    rtTableId: values.rtTableId ?? tableId(),
  };
  return {
    ...kept(own),
    addressing: {
      4: addressing(own.ipv4Address, values.network, own.gateway),
      6: addressing(own.ipv6Address, values.ipv6Network, own.ipv6Gateway),
    },
    mark,
    nat: { 4: own.nat, 6: own.ipv6Nat },
    testScenarios,
  };
}

/** Without the keys whose value is undefined. */
function withoutUnset(values: ProviderValues): { [K in keyof Table]?: Value<Table[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function kept(own: Kept & Presets): Kept {
  const isKept = (name: string) => fields.get(name)?.isReshaped !== true;
  // The same fields as `Provider`.
  return Object.fromEntries(Object.entries(own).filter(([name]) => isKept(name))) as unknown as Kept;
}

const fields: ReadonlyMap<string, ProviderField> = new Map(Object.entries(providerFields));

/** An address with prefix length implies its network. */
function addressing(own: string, network: string | undefined, gateway: string): Addressing {
  const [address = own] = own.split('/');
  const implied = own.includes('/') ? networkOf(own) : 'auto';
  return { address, network: network ?? implied, gateway };
}

/** Where the value of each field comes from. */
export function sourcesOfProvider({
  values,
  testScenarios,
  derived,
}: ProviderDraft): Readonly<Record<string, Source>> {
  const sources = Object.fromEntries(
    [...fields].flatMap(([name, { from, isShown }]): [string, Source][] => {
      const isSet = Reflect.get(values, name) !== undefined;
      return isShown === false ? [] : [[name, isSet ? 'config' : (from ?? 'default')]];
    }),
  );
  if (values.network === undefined && values.ipv4Address?.includes('/'))
    sources['network'] = 'from ipv4Address';
  if (values.ipv6Network === undefined && values.ipv6Address?.includes('/'))
    sources['ipv6Network'] = 'from ipv6Address';
  sources['testScenarios'] = testScenarios === undefined ? 'from the common testScenarios' : 'config';
  return { ...sources, ...derived };
}
