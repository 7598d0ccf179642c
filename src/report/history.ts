import type { Decision } from '../../models/decision.ts';

/** The newest decisions, oldest first. */
export interface History {
  add(decision: Decision): void;
  /**
   * Merges a repair with a similar one of the last minute: the result has the first one's id and time, the
   * last one's commands, how often and until when. False: there is no similar one, and it was not added.
   */
  fold(repair: Decision): boolean;
  list(): readonly Decision[];
}

/**
 * A list of decisions that drops the oldest beyond `capacity`. `list()` is plain data for the store; what the
 * store returned is passed as `earlier`. `capacity` @default 1000
 */
export function createHistory(earlier: readonly Decision[] = [], capacity = 1000): History {
  const kept = earlier.slice(-capacity);
  return {
    add: (decision) => {
      kept.push(decision);
      if (kept.length > capacity) kept.shift();
    },
    fold: (repair) => {
      const i = kept.findLastIndex((earlier) => isLike(earlier, repair));
      const earlier = kept[i];
      if (earlier === undefined) return false;
      const times = Number(earlier.numbers['times'] ?? 1) + 1;
      const since = `${times} times since ${new Date(earlier.at).toISOString()}`;
      const reason = repair.reason === '' ? since : `${since}, last: ${repair.reason}`;
      const numbers = { ...repair.numbers, times, lastAt: repair.at };
      kept[i] = { ...repair, id: earlier.id, at: earlier.at, reason, numbers };
      return true;
    },
    list: () => [...kept],
  };
}

const foldMs = 60_000;

function isLike(earlier: Decision, repair: Decision): boolean {
  const lastAt = Number(earlier.numbers['lastAt'] ?? earlier.at);
  const isRepair = repair.kind === 'kernel' && repair.numbers['kind'] === 'repaired';
  const isSame = earlier.sentence === repair.sentence && earlier.numbers['kind'] === 'repaired';
  return isRepair && isSame && Math.abs(repair.at - lastAt) < foldMs;
}
