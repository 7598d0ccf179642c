import type { Decision } from '../../models/decision.ts';

/** The newest decisions, oldest first. */
export interface History {
  add(decision: Decision): void;
  /**
   * Merges a repair with a similar one of the last minute, a reload with the same one right before it: the result has
   * the first one's id and time, the rest of the last one, how often and until when (`times`, `lastAt`). False: there
   * is no such one, and it was not added.
   */
  fold(again: Decision): boolean;
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
    fold: (again) => {
      const i = kept.findLastIndex((earlier, place) =>
        again.kind === 'config'
          ? place === kept.length - 1 && isSame(earlier, again)
          : isLike(earlier, again),
      );
      const earlier = kept[i];
      if (earlier === undefined) return false;
      const times = Number(earlier.numbers['times'] ?? 1) + 1;
      const numbers = { ...again.numbers, times, lastAt: again.at };
      kept[i] = { ...again, id: earlier.id, at: earlier.at, numbers };
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

/** The operator did the same again, and nothing else happened in between. */
function isSame(earlier: Decision, again: Decision): boolean {
  const isOrder = 'trial' in again.numbers; // each trial is one of its own
  return (
    earlier.kind === again.kind &&
    earlier.sentence === again.sentence &&
    earlier.reason === again.reason &&
    !isOrder
  );
}
