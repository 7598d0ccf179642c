import type { Decision } from '../../models/decision.ts';

/** The newest decisions, oldest first. */
export interface History {
  add(decision: Decision): void;
  list(): readonly Decision[];
}

/**
 * A list of decisions that forgets the oldest beyond `capacity`. `list()` is plain data for the store; what the
 * store gave back goes in as `earlier`. `capacity` @default 1000
 */
export function createHistory(earlier: readonly Decision[] = [], capacity = 1000): History {
  const kept = earlier.slice(-capacity);
  return {
    add: (decision) => {
      kept.push(decision);
      if (kept.length > capacity) kept.shift();
    },
    list: () => [...kept],
  };
}
