import type { Config } from '../../../models/config.ts';
import { type Family, families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';

/** The devices whose neighbours may be gateways. Those that patterns find are known once they are found. */
export function discoveryDevices({ providers }: Config): readonly string[] {
  const sought = providers.filter((provider) =>
    families.some((family) => discoversGateway(provider, family)),
  );
  return [...new Set(sought.map(({ interfaceName }) => interfaceName))];
}

/** How far the search for a path's gateway is, where it is to be discovered. */
export interface GatewaySearch {
  readonly proven: string | undefined; // passed a check, the last to do so
  readonly trial: string | undefined; // the candidate being tried; undefined: the proven one is in use
  readonly tries: number; // candidates tried since, the proven one not counted
}

/** Nothing is known, and nobody tried. */
export const newSearch: GatewaySearch = { proven: undefined, trial: undefined, tries: 0 };

/** Whether a provider's gateway in one family is to be discovered. */
export function discoversGateway({ addressing }: Provider, family: Family): boolean {
  return addressing[family].gateway === 'discover';
}
