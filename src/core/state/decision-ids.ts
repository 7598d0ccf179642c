import type { Decision, UnnumberedDecision } from '../../../models/decision.ts';

/**
 * Gives decisions their ids: the millisecond in base 36, and a number within that millisecond (`mi5q2x3k-1`).
 * They depend only on what happened, so that a recording, its replay and the history agree, and a restart
 * need not remember anything. `mark`: distinguishes the decisions of several sources. @default ''
 */
export class DecisionIds {
  readonly #mark: string;
  #atMs = 0;
  #count = 0;

  constructor(mark = '') {
    this.#mark = mark;
  }

  /** The decision with the next id of its millisecond, or of the latest one so far if it comes late. */
  assign<T extends Pick<Decision, 'at'>>(decision: T): T & Pick<Decision, 'id'> {
    const atMs = Math.max(this.#atMs, Math.floor(decision.at));
    this.#count = atMs === this.#atMs ? this.#count + 1 : 1;
    this.#atMs = atMs;
    return { id: `${atMs.toString(36)}-${this.#mark}${this.#count}`, ...decision };
  }
}

/** A decision as some version stored or recorded it. */
export type StoredDecision = Omit<UnnumberedDecision, 'kind' | 'evidence'> &
  Partial<Pick<Decision, 'id' | 'evidence'>> & { readonly kind: Decision['kind'] | 'life' };

/**
 * Decisions in the terms of this version, oldest first: earlier versions had neither ids nor evidence, and
 * named two kinds differently.
 */
export function modernise(stored: readonly StoredDecision[]): Decision[] {
  const ids = new DecisionIds();
  return stored.map(({ evidence = [], ...decision }) => {
    const kind = decision.kind === 'life' ? 'lifecycle' : decision.kind;
    const isConflict = kind === 'kernel' && decision.numbers['kind'] === 'foreign';
    const numbers = isConflict ? { ...decision.numbers, kind: 'conflict' } : decision.numbers;
    const modern = { ...decision, kind, numbers, evidence };
    return { ...ids.assign(modern), ...(decision.id !== undefined && { id: decision.id }) };
  });
}
