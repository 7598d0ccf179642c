import type { Decision } from '../../models/decision.ts';
import type { Family } from '../../models/path.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import { snapshot } from '../core/report/snapshot.ts';
import type { State } from '../core/state/state.ts';
import { whyNoCuts } from '../kernel/conntrack.ts';
import type { Echo } from '../probes/echo/echo.ts';
import { networkdThreat } from '../watch/networkd.ts';
import { byWallClock, now, onWallClock } from './clock.ts';
import type { Counts } from './connections.ts';

/** What the daemon knows in addition to the state. */
export interface Facts {
  readonly version: string;
  readonly configFile: string;
  readonly echo: Echo;
  readonly decisions: readonly Decision[];
}

/** The whole state as users and programs see it, in wall-clock time. */
export function daemonSnapshot(state: State, { version, configFile, echo, decisions }: Facts): Snapshot {
  const core = byWallClock(snapshot(state));
  const uncut = state.config.connectionMarks ? whyNoCuts() : undefined;
  return {
    ...core,
    drift: [...core.drift, ...[networkdThreat(), uncut].filter((sentence) => sentence !== undefined)],
    at: onWallClock(now()),
    pid: process.pid,
    version,
    configFile,
    stickyFile: state.config.stickyProviderFilename,
    probing: { means: echo.means, reason: echo.reason },
    lastDecision: decisions.findLast(({ kind }) => kind === 'switch'),
    lastSwitch: { 4: lastSwitch(decisions, 4), 6: lastSwitch(decisions, 6) },
  };
}

function lastSwitch(decisions: readonly Decision[], family: Family): Decision | undefined {
  return decisions.findLast((decision) => decision.kind === 'switch' && decision.family === family);
}

/** A snapshot with the connections of each path added. */
export function withConnections(known: Snapshot, counts: Counts): Snapshot {
  const paths = known.paths.map((path) => {
    const connections = counts.get(path.path);
    return connections === undefined ? path : { ...path, connections };
  });
  return { ...known, paths };
}
