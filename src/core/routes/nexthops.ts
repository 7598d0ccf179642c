/**
 * Nexthop objects: one per path, and one resilient group per rank. All routes of a rank point to its group, so that one
 * line moves the traffic of any number of prefixes, and a change of one member moves no flow of the others.
 */
import type { Config } from '../../../models/config.ts';
import type { Family } from '../../../models/path.ts';
import { canShare } from '../../../models/provider.ts';
import { firstNexthopId, type Nexthop, type NexthopGroup } from '../../../models/route.ts';
import { wayOut } from './provider-routes.ts';
import type { RoutablePath } from './route-order.ts';

const bucketsPerMember = 16; // shares are exact to a sixteenth of a member's
const leastBuckets = 256;
const mostBuckets = 32_768; // the kernel's field has 16 bits
const groupIds = 500_000;
const plainTables = 100_000;

/**
 * With marks, a connection keeps its provider whatever its bucket does, so buckets may follow soon and a returning
 * provider has its share within seconds. Without, a bucket in use never moves, and an idle one only after a minute.
 */
const timers = {
  marked: { idleSeconds: 5, unbalancedSeconds: 10 },
  unmarked: { idleSeconds: 60, unbalancedSeconds: 0 },
} as const;

/** Whether routes lead through nexthop objects: where several share, or where a switch would rewrite many routes. */
export function usesNexthops({ multipath, layout, routes, providers }: Config): boolean {
  if (multipath !== 'resilient') return false;
  return layout === 'table' || routes.length > 1 || canShare(providers);
}

/** The objects of ranks of one family, best rank first; a rank without a member that has a carrier has no group. */
export function nexthops(
  config: Config,
  family: Family,
  ranks: readonly (readonly RoutablePath[])[],
): Nexthop[] {
  const members = new Map(
    ranks
      .flat()
      .filter(isThere)
      .map((path) => [path.key, path]),
  );
  const ways = [...members.values()].map((path) => way(config, family, path));
  const groups = ranks.flatMap((paths, rank) => group(config, family, paths, rank) ?? []);
  return [...ways, ...groups];
}

/** The number of a rank's group. A group's buckets are fixed, so another number of them is another group. */
export function groupId(config: Config, family: Family, rank: number): number {
  return firstNexthopId[family] + groupIds + Math.log2(buckets(config)) * 1000 + rank;
}

/** The kernel refuses a way without carrier, and removes it when the carrier goes. */
export function isThere({ obstacle }: RoutablePath): boolean {
  return obstacle === undefined;
}

function group(
  config: Config,
  family: Family,
  paths: readonly RoutablePath[],
  rank: number,
): NexthopGroup | undefined {
  const members = paths
    .filter(isThere)
    .map((path) => ({ id: wayId(config, family, path), weight: path.provider.weight }));
  if (members.length === 0) return undefined;
  const pace = config.connectionMarks ? timers.marked : timers.unmarked;
  // Of one member the weight says nothing, and the kernel shows none.
  const [only] = members;
  const shown = members.length === 1 && only !== undefined ? [{ ...only, weight: 1 }] : members;
  return { family, id: groupId(config, family, rank), members: shown, buckets: buckets(config), ...pace };
}

function way(config: Config, family: Family, path: RoutablePath): Nexthop {
  return { family, id: wayId(config, family, path), ...wayOut(path.binding) };
}

/** After the table, which stays the provider's when the list changes; or its place, where that number is too large. */
function wayId({ providers }: Config, family: Family, { provider }: RoutablePath): number {
  const { rtTableId, id } = provider;
  if (rtTableId < plainTables) return firstNexthopId[family] + rtTableId;
  return firstNexthopId[family] + plainTables + providers.findIndex((other) => other.id === id);
}

function buckets({ providers }: Config): number {
  const wanted = 2 ** Math.ceil(Math.log2(providers.length * bucketsPerMember));
  return Math.min(mostBuckets, Math.max(leastBuckets, wanted));
}
