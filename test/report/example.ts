/** A snapshot and decisions as a daemon with two providers would give them. */
import type { Decision } from '../../models/decision.ts';
import type { PathSnapshot, Snapshot } from '../../models/snapshot.ts';

/** When the example is looked at. */
export const now = Date.parse('2026-11-20T15:00:00.000Z');

/** The first provider, which works. */
export const fibre: PathSnapshot = {
  path: 'fibre/4',
  provider: 'fibre',
  family: 4,
  interfaceName: 'eth1',
  binding: {
    interfaceName: 'eth1',
    interfaceIndex: 11,
    address: '10.10.1.1',
    network: '10.10.1.0/24',
    gateway: '10.10.1.254',
  },
  role: 'active',
  health: 'reliable',
  liveness: 'up',
  since: now - 3 * 3_600_000,
  why: '5 checks in a row passed (5 needed)',
  layer: undefined,
  remarks: [],
  score: 99,
  lossRatio: 0,
  rttMs: 4.21,
  jitterMs: 0.31,
  samples: 50,
  consecutiveFailed: 0,
  consecutiveSucceeded: 50,
  recent: Array.from({ length: 30 }, () => true),
  table: 101,
};

/** The second provider, which is down. */
export const lte: PathSnapshot = {
  ...fibre,
  path: 'lte/4',
  provider: 'lte',
  interfaceName: 'wwan0',
  binding: undefined,
  role: 'standby',
  health: 'unreliable',
  liveness: 'down',
  since: now - 240_000,
  layer: 'target',
  why: '20 checks failed in a row (limit 2), nothing got through for 1.0 s (limit 1.0 s); last: no answer within 50 ms',
  score: 0,
  lossRatio: 1,
  rttMs: undefined,
  jitterMs: undefined,
  recent: [true, false, undefined],
  table: 102,
};

/** A decision; a switch of IPv4 from lte to fibre unless told otherwise. */
export function exampleDecision(changes: Partial<Decision> = {}): Decision {
  return {
    id: 'mi5q2x3k-1',
    at: now - 60_000,
    kind: 'switch',
    severity: 'warning',
    provider: 'fibre',
    family: 4,
    from: 'lte',
    to: 'fibre',
    sentence: 'IPv4 moves from lte to fibre',
    reason: 'failover: lte is down: no answer',
    numbers: { cause: 'failover' },
    evidence: [],
    ...changes,
  };
}

/** The whole. */
export function exampleSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    at: now,
    startedAt: now - 7_200_000,
    pid: 4711,
    version: '0.1.0',
    configFile: '/etc/failover/config.ts',
    stickyFile: '/etc/failover/sticky.provider',
    sticky: undefined,
    active: { 4: ['fibre'], 6: [] },
    paths: [fibre, lte],
    deadTargets: [],
    probing: { means: 'ping sockets', reason: undefined },
    drift: [],
    remarks: [],
    lastDecision: exampleDecision(),
    lastSwitch: { 4: exampleDecision(), 6: undefined },
    ...changes,
  };
}
