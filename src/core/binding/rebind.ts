import type { Layer } from '../../../models/layer.ts';
import type { Links } from '../../../models/link.ts';
import { type Binding, sameBinding } from '../../../models/path.ts';
import { forgetDiagnosis } from '../state/findings.ts';
import { discoversGateway } from '../state/gateway-search.ts';
import { newSight } from '../state/sight.ts';
import type { PathState, State } from '../state/state.ts';
import { type Bound, bind } from './binding.ts';
import { candidateGateway, readyAfter } from './gateway-discovery.ts';
import { judgeForBinding } from './other-line.ts';
import { reportedDns, withReportedGateways } from './reported.ts';
import { duplicatePaths, markFor, sharedSources } from './shared-source.ts';

/** A path whose binding changed, and which is to be checked at once. */
export interface Rebound {
  readonly path: PathState;
  readonly hasOtherObstacle: boolean;
  readonly judgedFor?: string; // the address and gateway that it was judged for, if it has others now
}

type Before = Pick<PathState, 'expected' | 'obstacle' | 'binding'> & { readonly layer: Layer | undefined };

/** Binds every path to what the kernel has now. Returns the paths for which something changed. */
export function bindAll(state: State, kernel: Links): readonly Rebound[] {
  const links = withReportedGateways(kernel, state.leases);
  const paths = [...state.paths.values()];
  const bound = paths.map((path) => {
    const { expected, obstacle, binding, findings } = path;
    return {
      path,
      before: { expected, obstacle, binding, layer: findings.obstacle },
      found: store(path, bind(path.provider, path.family, links, knownOf(state, path, links))),
    };
  });
  const shared = sharedSources(paths);
  const same = duplicatePaths(paths);
  return bound.flatMap(({ path, before, found }) => {
    const mark = markFor(state, path, shared);
    const dns = reportedDns(state, path);
    if (path.binding !== undefined && (mark ?? dns) !== undefined)
      path.binding = { ...path.binding, ...(mark !== undefined && { mark }), ...(dns && { dns }) };
    path.obstacle = path.expected ? (found.obstacle ?? same.get(path.key)) : undefined;
    return changeOf(state, path, before) ?? [];
  });
}

/** What was remembered; while a gateway is being discovered, with the candidate whose turn it is. */
function knownOf({ paths }: State, path: PathState, links: Links): PathState['remembered'] {
  if (!discoversGateway(path.provider, path.family)) return path.remembered;
  const gateway = candidateGateway(path, links, paths);
  return { ...(path.remembered ?? { address: '', network: undefined }), gateway };
}

function store(path: PathState, found: Bound): Bound {
  path.expected = found.expected;
  path.binding = found.binding;
  path.findings.obstacle = found.layer ?? 'address';
  if (found.binding !== undefined) path.remembered = remember(path, found.binding);
  return found;
}

/** Resets what belonged to an earlier binding; `undefined` if nothing changed. */
function changeOf(state: State, path: PathState, before: Before): Rebound | undefined {
  const hasOtherObstacle = before.obstacle !== path.obstacle;
  const hasSameNetwork = before.binding?.network === path.binding?.network;
  const isSame =
    before.expected && !hasOtherObstacle && hasSameNetwork && sameBinding(before.binding, path.binding);
  if (!path.expected || isSame) return undefined;
  if (path.obstacle !== undefined) {
    path.consecutiveSucceeded = 0;
    path.recovery.isHurried = false;
  }
  path.lastStart = undefined; // whatever changed, check at once
  path.readyAt = discoversGateway(path.provider, path.family) ? readyAfter(state.at) : state.at;
  path.notRun = undefined;
  Object.assign(path.sight, newSight());
  forgetDiagnosis(path.findings);
  const judgedFor = path.obstacle === undefined ? freed(state, path, before) : undefined;
  return { path, hasOtherObstacle, ...(judgedFor && { judgedFor }) };
}

/** Nothing is in its way, now or any more. Returns the address and gateway it was judged for, if others. */
function freed(state: State, path: PathState, { obstacle, layer }: Before): string | undefined {
  const wasObstructed = obstacle !== undefined;
  const judgedFor = judgeForBinding(state, path, wasObstructed);
  if (wasObstructed) path.recovery.sign = { at: state.at, of: layer === 'carrier' ? 'carrier' : 'binding' };
  return judgedFor;
}

/** Never remembers a candidate that is only being tried. */
function remember(path: PathState, { address, network, gateway }: Binding): PathState['remembered'] {
  const kept = discoversGateway(path.provider, path.family)
    ? (path.search.proven ?? path.remembered?.gateway)
    : gateway;
  const isDirect = gateway === undefined && path.provider.addressing[path.family].gateway === 'auto';
  return { address, network, gateway: kept, ...(isDirect && { isDirect }) };
}
