import type { Decision } from '../../models/decision.ts';
import type { CheckEvent } from '../../models/event.ts';
import { createHistory, type History } from '../report/history.ts';
import type { Journal } from '../report/journal.ts';
import { onWallClock } from './clock.ts';

const storedDecisions = 150;

/** What the daemon says: decisions to the journal and the history, checks to the journal alone. By the wall clock. */
export class DecisionLog {
  readonly #journal: Journal;
  readonly #history: History;

  constructor(journal: Journal, earlier: readonly Decision[]) {
    this.#journal = journal;
    this.#history = createHistory(earlier);
  }

  decision(decision: Decision): void {
    const told = { ...decision, at: onWallClock(decision.at) };
    this.#history.add(told);
    this.#journal.decide(told);
  }

  check({ path, result, targets }: CheckEvent): void {
    const outcome = result.ok ? `passed in ${result.rttMs.toFixed(1)} ms` : `failed: ${result.reason}`;
    this.#journal.say('debug', `check of ${path} ${outcome}`, { targets: targets.length });
  }

  /** The newest decisions, oldest first. */
  list(): readonly Decision[] {
    return this.#history.list();
  }

  /** As many of them as the next run is to know. */
  latest(): readonly Decision[] {
    return this.#history.list().slice(-storedDecisions);
  }
}
