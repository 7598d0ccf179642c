/**
 * Clients that keep their provider: a set of them per provider and family, filled as their packets leave.
 * Only the sets of providers with new traffic are used, so that no client is sent to a line in doubt, or kept
 * on a standby.
 */
import type { Config, StickyClients } from '../../../models/config.ts';
import { type Family, families, pathKey } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import type { PathState, State } from '../state/state.ts';
import { type TablePart, word } from './nft-syntax.ts';

/** A set of clients. */
export interface ClientSet extends TablePart {
  readonly provider: string;
  readonly family: Family;
}

/** The sets, one per path; none where clients need not keep their provider. */
export function clientSets({ stickyClients }: Config, paths: readonly PathState[]): ClientSet[] {
  if (stickyClients === undefined) return [];
  return paths.map(({ family, provider }) => ({
    provider: provider.id,
    family,
    name: setName(stickyClients, provider.id, family),
    // The timeout belongs to each element: changing it in the configuration does not change the set.
    lines: [`type ${kind(stickyClients, family)}`, 'size 65536', 'flags dynamic,timeout'],
  }));
}

/** The chain that renews the clients of a provider with each packet. */
export function stickLines(
  { stickyClients }: Config,
  provider: Provider,
  sets: readonly ClientSet[],
): TablePart[] {
  if (stickyClients === undefined) return [];
  const timeout = `timeout ${Math.ceil(stickyClients.timeoutMs / 1000)}s`;
  const own = sets.filter((set) => set.provider === provider.id);
  const lines = own.map(({ family, name }) => `update @${name} { ${key(stickyClients, family)} ${timeout} }`);
  return [{ name: `stick-${provider.id}`, lines }];
}

/** Rules that send new connections to the provider their client used before. */
export function stickyLines({ config: { stickyClients }, newTraffic, paths }: State): string[] {
  if (stickyClients === undefined) return [];
  return families.flatMap((family) =>
    newTraffic[family].flatMap((id) => {
      if (!paths.get(pathKey(id, family))?.expected) return [];
      const known = `${key(stickyClients, family)} @${setName(stickyClients, id, family)}`;
      return [`ct direction original ${known} goto on-${id}`];
    }),
  );
}

/** The name of a provider's set in one family; undefined where there is none. */
export function clientSetName({ stickyClients }: Config, id: string, family: Family): string | undefined {
  return stickyClients && setName(stickyClients, id, family);
}

function setName({ by }: StickyClients, id: string, family: Family): string {
  return `${by === 'source' ? 'clients' : 'pairs'}-ipv${family}-${id}`;
}

function kind({ by }: StickyClients, family: Family): string {
  return by === 'source' ? `ipv${family}_addr` : `ipv${family}_addr . ipv${family}_addr`;
}

function key({ by }: StickyClients, family: Family): string {
  const source = `${word(family)} saddr`;
  return by === 'source' ? source : `${source} . ${word(family)} daddr`;
}
