import type { Memory, PathMemory } from './memory.ts';
import type { PathState, State } from './state.ts';

/** The part of a state that the next run can start from. */
export function memoryOf(state: State): Memory {
  // Until the devices have been read, it is not known which paths to expect: keep what was remembered.
  const paths = [...state.paths.values()].filter((path) => path.expected || state.links === undefined);
  return {
    active: state.active,
    numbers: Object.fromEntries(state.numbers),
    ...(state.configured.claims && { claims: state.configured.claims }),
    loads: Object.fromEntries([...state.loads].map(([device, load]) => [device, load.memory()])),
    ...(state.leases.size > 0 && { leases: [...state.leases.values()] }),
    paths: paths.map((path) => ({
      key: path.key,
      remembered: path.remembered,
      ...(path.judged && { judged: path.judged }),
      health: path.health,
      liveness: path.liveness,
      since: path.since,
      why: path.why().reason,
      samples: path.window.toSamples(),
      ...(path.outageFrom && { outageFrom: path.outageFrom }),
      packets: path.packets.toStored(),
      consecutiveFailed: path.consecutiveFailed,
      consecutiveSucceeded: path.consecutiveSucceeded,
      penalty: path.penalty,
      penaltyAt: path.penaltyAt,
      ...(path.failovers.length > 0 && { failovers: path.failovers }),
      ...slowRttOf(path),
    })),
  };
}

const slowMs = 400; // answers that take longer might not be there when a first echo is overdue

function slowRttOf({ window, slowRtt }: PathState): Pick<PathMemory, 'slowRtt'> {
  const { rttMs, jitterMs = 0 } = window;
  const known = rttMs === undefined ? slowRtt : { rttMs, jitterMs };
  return known !== undefined && known.rttMs > slowMs ? { slowRtt: known } : {};
}
