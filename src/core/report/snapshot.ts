import { families } from '../../../models/path.ts';
import type { PathSnapshot, Role, Snapshot } from '../../../models/snapshot.ts';
import { failbackWait } from '../election/failback-wait.ts';
import { causeOf, mtuRemark } from '../health/cause.ts';
import { decayed, reuseAt, suppressAt } from '../health/damping.ts';
import { excusedBy } from '../health/excused.ts';
import { lossOf } from '../health/loss.ts';
import { policingRemark } from '../health/policing.ts';
import { roamingRemark } from '../health/radio.ts';
import { drift } from '../routes/drift.ts';
import { minimumIntervalMs } from '../schedule/probe-budget.ts';
import { complaintsOf } from '../state/complaints.ts';
import { leaseKey } from '../state/leases.ts';
import type { PathState, State } from '../state/state.ts';
import { hasPassed } from '../state/window.ts';
import { leaseRemarks } from './lease-decisions.ts';
import { score } from './score.ts';
import { stateRemarks } from './state-remarks.ts';

const shownResults = 30;

/** The part of a snapshot that comes from the state. */
export type CoreSnapshot = Pick<
  Snapshot,
  'at' | 'startedAt' | 'sticky' | 'active' | 'paths' | 'deadTargets' | 'drift' | 'claims' | 'remarks'
>;

/** The state as users and programs see it. Costs O(providers): only made on request. */
export function snapshot(state: State): CoreSnapshot {
  const dead = families
    .flatMap((family) => [...state.targets[family].values()])
    .flatMap(({ family, target, deadSince, relapses }) =>
      deadSince === undefined
        ? []
        : [{ family, target, since: deadSince, ...(relapses > 0 && { relapses }) }],
    );
  const paths = [...state.paths.values()].filter((path) => path.expected || path.family === 4);
  return {
    at: state.at,
    startedAt: state.startedAt,
    sticky: state.sticky,
    active: state.active,
    paths: paths.map((path) => pathSnapshot(state, path)),
    deadTargets: dead,
    drift: drift(state),
    ...(state.configured.claims && { claims: state.configured.claims }),
    remarks: stateRemarks(state),
  };
}

function pathSnapshot(state: State, path: PathState): PathSnapshot {
  const { rttMs, jitterMs, samples } = path.window;
  const lossRatio = lossOf(path)?.ratio;
  return {
    path: path.key,
    provider: path.provider.id,
    family: path.family,
    interfaceName: path.provider.interfaceName,
    binding: path.binding,
    role: role(state, path),
    health: path.health,
    liveness: path.liveness,
    since: path.since,
    why: whyOf(path),
    layer: causeOf(path)?.layer,
    remarks: remarks(state, path),
    score: score({ lossRatio, rttMs, jitterMs }),
    lossRatio,
    rttMs,
    jitterMs,
    samples,
    consecutiveFailed: path.consecutiveFailed,
    consecutiveSucceeded: path.consecutiveSucceeded,
    recent: marks(path),
    table: path.provider.rtTableId,
    ...(path.findings.modem && { modem: path.findings.modem }),
    ...(path.packets.isEmpty ? {} : { packets: path.packets.loss }),
    ...penaltyOf(state, path),
    ...failbackOf(state, path),
    ...spentOf(state, path),
    ...leaseOf(state, path),
  };
}

function whyOf({ notRun, sight, why }: PathState): string {
  return notRun === undefined || sight.isLost
    ? why().reason
    : `the latest check could not be made: ${notRun}`;
}

/** What became of its latest checks, oldest first. */
function marks({ window, packets }: PathState): PathSnapshot['recent'] {
  const lossy = packets.lossyStarts();
  return window
    .toSamples(shownResults)
    .map((sample) => hasPassed(sample) && (lossy.has(sample.startedAt) ? 'lossy' : true));
}

/** The penalty for its recent short outages, to two decimal places. */
function penaltyOf(state: State, path: PathState): Pick<PathSnapshot, 'penalty'> {
  const penalty = Math.round(decayed(path.penalty, path.penaltyAt, state.at, state.config) * 100) / 100;
  return penalty === 0 ? {} : { penalty };
}

/** How long it must still wait for traffic that it would get otherwise. */
function failbackOf(state: State, path: PathState): Pick<PathSnapshot, 'failback'> {
  const failback = failbackWait(state, path);
  return failback === undefined ? {} : { failback };
}

/** The cost of its checks, and the interval that its budget imposes on them. */
function spentOf(state: State, path: PathState): Pick<PathSnapshot, 'spent'> {
  const { spending, intervalMs } = path;
  if (spending === undefined) return {};
  const slowMs = minimumIntervalMs(state, path);
  return {
    spent: {
      lastHourBytes: spending.lastHour(state.at).bytes,
      sinceStartBytes: spending.sinceStart,
      ...(path.provider.probeBudget && { budgetBytes: path.provider.probeBudget }),
      ...(slowMs > intervalMs && path.liveness !== 'doubt' ? { slowedToMs: Math.round(slowMs) } : {}),
    },
  };
}

/** What others reported about its device. */
function leaseOf({ leases }: State, { provider, family }: PathState): Pick<PathSnapshot, 'lease'> {
  const lease = leases.get(leaseKey(provider.interfaceName, family));
  if (lease === undefined) return {};
  const { gateway, dns } = lease;
  return { lease: { ...(gateway && { gateway }), ...(dns && { dns }) } };
}

/** What an operator should know about a path, whatever its health. */
function remarks(state: State, path: PathState): readonly string[] {
  const { findings, provider } = path;
  const mtu = findings.mtu && mtuRemark(findings.mtu, provider.interfaceName);
  const { penalty = 0 } = penaltyOf(state, path);
  const [policing, roaming] = [policingRemark(path), roamingRemark(path)];
  const flaps =
    penalty < reuseAt
      ? []
      : [
          `flapping: penalty ${penalty.toFixed(1)} (kept back above ${suppressAt.toFixed(1)}, back below ${reuseAt.toFixed(1)})`,
        ];
  return [
    ...(mtu === undefined ? [] : [mtu]),
    ...(policing === undefined ? [] : [policing]),
    ...(roaming === undefined ? [] : [roaming]),
    ...excusedBy(path, state.config),
    ...flaps,
    ...leaseRemarks(leaseOf(state, path).lease ?? {}, state.at),
    ...complaintsOf(path, state.deadTargets[path.family]),
  ];
}

function role(state: State, path: PathState): Role {
  if (!path.provider.enabled) return 'disabled';
  if (!path.expected) return 'absent';
  return state.active[path.family].includes(path.provider.id) ? 'active' : 'standby';
}
