/**
 * Paths that leave the same device from the same address: only their gateways differ. What is sent to the gateway
 * itself finds it on the link. What goes beyond it bears the provider's mark, which a rule leads to its table.
 */
import type { Binding } from '../../../models/path.ts';
import type { PathState, State } from '../state/state.ts';

/** What tells the packets of a path from those of another without a mark; undefined while it has no address. */
export function sourceOf({ family, provider, binding, remembered }: PathState): string | undefined {
  const address = (binding ?? remembered)?.address;
  return address === undefined ? undefined : `${family} ${provider.interfaceName} ${address}`;
}

/** The sources that several of these paths have. */
export function sharedSources(paths: Iterable<PathState>): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const path of paths) {
    const source = path.expected ? sourceOf(path) : undefined;
    if (source === undefined) continue;
    if (seen.has(source)) shared.add(source);
    seen.add(source);
  }
  return shared;
}

/** Whether no other path has the source of this one. */
export function hasUniqueSource(path: PathState, shared: ReadonlySet<string>): boolean {
  const source = sourceOf(path);
  return source === undefined || !shared.has(source);
}

/** Whether packets bear a path's mark: those of connections, where these are marked, and those of its checks. */
export function usesMark(state: State, path: PathState, shared: ReadonlySet<string>): boolean {
  return state.config.connectionMarks || (!hasUniqueSource(path, shared) && asksBeyondGateway(state, path));
}

/** The mark that a path's checks must bear. All paths must be bound. */
export function markFor(state: State, path: PathState, shared: ReadonlySet<string>): number | undefined {
  if (path.binding === undefined || hasUniqueSource(path, shared)) return undefined;
  return asksBeyondGateway(state, path) ? path.provider.mark : undefined;
}

function asksBeyondGateway({ config }: State, { provider, family }: PathState): boolean {
  const scenarios = provider.testScenarios ?? config.testScenarios;
  // An operator's own class may lack what the type demands: then it asks whom it likes.
  return scenarios.some(
    (scenario) => scenario.families.includes(family) && scenario.asksBeyondGateway !== false,
  );
}

/**
 * Obstacles of paths that share device, address and gateway with one before them: it is the same way out, named twice.
 * By path key.
 */
export function duplicatePaths(paths: Iterable<PathState>): ReadonlyMap<string, string> {
  const first = new Map<string, PathState>();
  const obstacles = new Map<string, string>();
  for (const path of paths) {
    if (path.binding === undefined) continue;
    const { interfaceName, address, gateway } = path.binding;
    const way = `${path.family} ${interfaceName} ${address} ${gateway}`;
    const other = first.get(way);
    if (other === undefined) first.set(way, path);
    else obstacles.set(path.key, sameWay(path.binding, other));
  }
  return obstacles;
}

function sameWay({ address, interfaceName, gateway }: Binding, other: PathState): string {
  const through = gateway === undefined ? '' : ` through ${gateway}`;
  return `${address} on ${interfaceName}${through} is also the way of ${other.provider.id}: give one of them another gateway or address`;
}
