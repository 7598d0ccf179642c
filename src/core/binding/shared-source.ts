/**
 * Paths that share a device and a source address: only their gateways differ. Packets to the gateway itself
 * reach it on the link. Packets beyond it carry the provider's mark, which a rule directs to the provider's
 * table.
 */
import type { Binding } from '../../../models/path.ts';
import type { PathState, State } from '../state/state.ts';

/** What distinguishes a path's packets without a mark; undefined while it has no address. */
export function sourceOf({ family, provider, binding, remembered }: PathState): string | undefined {
  const address = (binding ?? remembered)?.address;
  return address === undefined ? undefined : `${family} ${provider.interfaceName} ${address}`;
}

/** The sources that more than one of these paths uses. */
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

/** Whether no other path uses the source of this one. */
export function hasUniqueSource(path: PathState, shared: ReadonlySet<string>): boolean {
  const source = sourceOf(path);
  return source === undefined || !shared.has(source);
}

/** Whether packets carry a path's mark: those of marked connections, or those of its checks. */
export function usesMark(state: State, path: PathState, shared: ReadonlySet<string>): boolean {
  return state.config.connectionMarks || (!hasUniqueSource(path, shared) && asksBeyondGateway(state, path));
}

/** The mark that a path's checks must carry. All paths must be bound already. */
export function markFor(state: State, path: PathState, shared: ReadonlySet<string>): number | undefined {
  if (path.binding === undefined || hasUniqueSource(path, shared)) return undefined;
  return asksBeyondGateway(state, path) ? path.provider.mark : undefined;
}

function asksBeyondGateway({ config }: State, { provider, family }: PathState): boolean {
  const scenarios = provider.testScenarios ?? config.testScenarios;
  // An operator's own class may lack the property that the type demands: then it may probe anything.
  return scenarios.some(
    (scenario) => scenario.families.includes(family) && scenario.asksBeyondGateway !== false,
  );
}

/**
 * Obstacles of paths that share device, address and gateway with an earlier one: the same path, named twice.
 * By path key.
 */
export function duplicatePaths(paths: Iterable<PathState>): ReadonlyMap<string, string> {
  const first = new Map<string, PathState>();
  const obstacles = new Map<string, string>();
  for (const path of paths) {
    if (path.binding === undefined) continue;
    const { interfaceName, address, gateway } = path.binding;
    const bound = `${path.family} ${interfaceName} ${address} ${gateway}`;
    const other = first.get(bound);
    if (other === undefined) first.set(bound, path);
    else obstacles.set(path.key, duplicateOf(path.binding, other));
  }
  return obstacles;
}

function duplicateOf({ address, interfaceName, gateway }: Binding, other: PathState): string {
  const through = gateway === undefined ? '' : ` through ${gateway}`;
  return `${address} on ${interfaceName}${through} is also the path of ${other.provider.id}: give one of them another gateway or address`;
}
