import type { Decision } from '../../../models/decision.ts';

/** A reason for people, and the figures and limits that made it. */
export type Explanation = Pick<Decision, 'reason' | 'numbers' | 'evidence'>;

/**
 * Composes the words when they are needed: nearly every result changes nothing, and then they are not. Holds its own
 * figures, so that it says the same whenever it is called.
 */
export type Explain = () => Explanation;

/** A reason that no figures of this run made. */
export function justBecause(reason: string): Explain {
  return () => ({ reason, numbers: {}, evidence: [] });
}
