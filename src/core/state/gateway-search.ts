import type { Config } from '../../../models/config.ts';
import { type Family, families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';

/** The devices whose neighbours may be gateways, including those that patterns match now. */
export function discoveryDevices({ providers }: Config): readonly string[] {
  const searching = providers.filter((provider) =>
    families.some((family) => discoversGateway(provider, family)),
  );
  return [...new Set(searching.map(({ interfaceName }) => interfaceName))];
}

/** The progress of the search for a path's gateway, where it is to be discovered. */
export interface GatewaySearch {
  readonly proven: string | undefined; // the latest to pass a check
  readonly trial: string | undefined; // the candidate being tried; undefined: the proven one is in use
  readonly tries: number; // candidates tried since, not counting the proven one
}

/** Nothing known, nothing tried. */
export const newSearch: GatewaySearch = { proven: undefined, trial: undefined, tries: 0 };

/** Whether a provider's gateway in one family is to be discovered. */
export function discoversGateway({ addressing }: Provider, family: Family): boolean {
  return addressing[family].gateway === 'discover';
}
