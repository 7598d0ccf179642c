import { discoversGateway, newSearch } from './gateway-search.ts';
import type { PathMemory } from './memory.ts';
import { Packets } from './packets.ts';
import type { PathState } from './state.ts';
import { justBecause } from './why.ts';
import { Window } from './window.ts';

/** Gives a new path what an earlier run remembered of it. */
export function recall(path: PathState, memory: PathMemory): void {
  path.remembered = memory.remembered;
  path.judged = memory.judged ?? memory.remembered;
  path.search = {
    ...newSearch,
    proven: discoversGateway(path.provider, path.family) ? memory.remembered?.gateway : undefined,
  };
  path.window = new Window(path.window.capacity, memory.samples);
  path.slowRtt = memory.slowRtt;
  path.packets = new Packets(memory.packets);
  path.lastStoredStart = memory.samples.at(-1)?.startedAt;
  path.health = memory.health;
  // Doubt needs the starts of its failures, which are not kept: the next check restores it if it still
  // applies.
  path.liveness = memory.liveness === 'doubt' ? 'up' : memory.liveness;
  path.outageFrom = memory.liveness === 'down' ? (memory.outageFrom ?? memory.since) : undefined;
  path.consecutiveFailed = memory.liveness === 'doubt' ? 0 : memory.consecutiveFailed;
  path.consecutiveSucceeded = memory.consecutiveSucceeded;
  path.since = memory.since;
  path.why = justBecause(memory.why);
  path.penalty = memory.penalty;
  path.penaltyAt = memory.penaltyAt;
  path.failovers = memory.failovers ?? [];
}
