/** What others report about devices: recorded, reported on, and forgotten when it has run out. */
import type { UnnumberedDecision } from '../../models/decision.ts';
import type { LeaseEvent } from '../../models/event.ts';
import type { Lease } from '../../models/lease.ts';
import { leaseDecision, leaseGoneDecision, leaseOverDecision } from './report/lease-decisions.ts';
import { endLeases, leaseKey, noteLease } from './state/leases.ts';
import type { PathState, State } from './state/state.ts';

/** Records a report. Returns what is to be said of it; `undefined` if bindings stay as they are. */
export function takeLease(state: State, event: LeaseEvent): readonly UnnumberedDecision[] | undefined {
  const change = noteLease(state.leases, event);
  if (change === undefined || change.kind === 'renewed') return undefined;
  const about = pathsOf(state, event);
  const provider = about[0]?.provider.id;
  if (change.kind === 'gone') {
    forgetGateway(about, change.before);
    return [leaseGoneDecision(event, change.before, provider)];
  }
  const lease = state.leases.get(leaseKey(event.device, event.family));
  return lease === undefined ? [] : [leaseDecision(event, lease, provider)];
}

/**
 * Forgets what has run out. A gateway among it stays remembered, as that of a default route does which a DHCP client
 * removed: while the device has its address the checks say whether the line works.
 */
export function dropOverdueLeases(state: State): readonly UnnumberedDecision[] {
  if (state.leases.size === 0) return [];
  return endLeases(state.leases, state.at).map((lease) =>
    leaseOverDecision(state.at, lease, pathsOf(state, lease)[0]?.provider.id),
  );
}

function pathsOf({ paths }: State, { device, family }: Pick<Lease, 'device' | 'family'>): PathState[] {
  return [...paths.values()].filter(
    (path) => path.family === family && path.provider.interfaceName === device,
  );
}

/** What was withdrawn must not come back as what is remembered; nor what had run out before. */
function forgetGateway(paths: readonly PathState[], before: Lease | undefined): void {
  for (const path of paths) {
    const { remembered } = path;
    const reported = before?.gateway?.value;
    if (remembered?.gateway !== undefined && (reported ?? remembered.gateway) === remembered.gateway)
      path.remembered = { ...remembered, gateway: undefined };
  }
}
