/**
 * Nexthop objects: one per path, and one resilient group per rank. All routes of a rank point to its group,
 * so that one line moves the traffic of any number of prefixes, and changing one member moves no flow of the
 * others.
 */
import type { Config } from '../../../models/config.ts';
import type { Family } from '../../../models/path.ts';
import { canShare } from '../../../models/provider.ts';
import { firstNexthopId, type Nexthop, type NexthopGroup } from '../../../models/route.ts';
import { nextHop } from './provider-routes.ts';
import type { RoutablePath } from './route-order.ts';

const bucketsPerMember = 16; // shares are exact to a sixteenth of a member's share
const leastBuckets = 256;
const mostBuckets = 32_768; // the kernel's field has 16 bits
const groupIds = 500_000;
const plainTables = 100_000;

/**
 * With marks, a connection keeps its provider whatever happens to its bucket, so buckets may move soon, and a
 * returning provider gets its share within seconds. Without marks, a bucket in use never moves, an idle one
 * only after a minute.
 */
const timers = {
  marked: { idleSeconds: 5, unbalancedSeconds: 10 },
  unmarked: { idleSeconds: 60, unbalancedSeconds: 0 },
} as const;

/** Whether routes use nexthop objects: where providers share, or where a switch would rewrite many routes. */
export function usesNexthops({ multipath, layout, routes, providers }: Config): boolean {
  if (multipath !== 'resilient') return false;
  return layout === 'table' || routes.length > 1 || canShare(providers);
}

/** The objects for the ranks of one family, best rank first; a rank without a usable member has no group. */
export function nexthops(
  config: Config,
  family: Family,
  ranks: readonly (readonly RoutablePath[])[],
): Nexthop[] {
  const members = new Map(
    ranks
      .flat()
      .filter(isUsable)
      .map((path) => [path.key, path]),
  );
  const singles = [...members.values()].map((path) => single(config, family, path));
  const groups = ranks.flatMap((paths, rank) => group(config, family, paths, rank) ?? []);
  return [...singles, ...groups];
}

/** The id of a rank's group. The kernel cannot change a group's bucket count, so the id includes it. */
export function groupId(config: Config, family: Family, rank: number): number {
  return firstNexthopId[family] + groupIds + Math.log2(buckets(config)) * 1000 + rank;
}

/** Whether the kernel takes a nexthop for a path: without carrier it refuses or removes it. */
export function isUsable({ obstacle }: RoutablePath): boolean {
  return obstacle === undefined;
}

function group(
  config: Config,
  family: Family,
  paths: readonly RoutablePath[],
  rank: number,
): NexthopGroup | undefined {
  const members = paths
    .filter(isUsable)
    .map((path) => ({ id: nexthopId(config, family, path), weight: path.provider.weight }));
  if (members.length === 0) return undefined;
  const pace = config.connectionMarks ? timers.marked : timers.unmarked;
  // The weight of a single member has no meaning, and the kernel does not show it.
  const [only] = members;
  const shown = members.length === 1 && only !== undefined ? [{ ...only, weight: 1 }] : members;
  return { family, id: groupId(config, family, rank), members: shown, buckets: buckets(config), ...pace };
}

function single(config: Config, family: Family, path: RoutablePath): Nexthop {
  return { family, id: nexthopId(config, family, path), ...nextHop(path.binding) };
}

/** Derived from the provider's table, which list changes do not affect, or its place if that is too large. */
function nexthopId({ providers }: Config, family: Family, { provider }: RoutablePath): number {
  const { rtTableId, id } = provider;
  if (rtTableId < plainTables) return firstNexthopId[family] + rtTableId;
  return firstNexthopId[family] + plainTables + providers.findIndex((other) => other.id === id);
}

function buckets({ providers }: Config): number {
  const needed = 2 ** Math.ceil(Math.log2(providers.length * bucketsPerMember));
  return Math.min(mostBuckets, Math.max(leastBuckets, needed));
}
