import type { Decision } from '../../../models/decision.ts';

/** A reason in words, and the figures and limits behind it. */
export type Explanation = Pick<Decision, 'reason' | 'numbers' | 'evidence'>;

/**
 * Composes the words only when they are needed, as nearly every result changes nothing. Holds its own
 * figures, so that it says the same whenever it is called.
 */
export type Explain = () => Explanation;

/** A reason without figures from this run. */
export function justBecause(reason: string): Explain {
  return () => ({ reason, numbers: {}, evidence: [] });
}
