import type { Decision, UnnumberedDecision } from '../../models/decision.ts';
import type { CheckEvent } from '../../models/event.ts';
import { DecisionIds } from '../core/state/decision-ids.ts';
import { createHistory, type History } from '../report/history.ts';
import type { Journal } from '../report/journal.ts';
import { onWallClock } from './clock.ts';

const storedDecisions = 150;

/** What the daemon reports: decisions to the journal and the history, checks to the journal alone. By the wall clock. */
export class DecisionLog {
  readonly #journal: Journal;
  readonly #history: History;
  readonly #changed: () => void;
  readonly #ids = new DecisionIds('d');

  /** `changed`: called after each decision that is not folded into an earlier one. */
  constructor(journal: Journal, earlier: readonly Decision[], changed: () => void) {
    this.#changed = changed;
    this.#journal = journal;
    this.#history = createHistory(earlier);
  }

  /** A decision of the core's. */
  decision(decision: Decision): void {
    const shown = { ...decision, at: onWallClock(decision.at) };
    this.#journal.decide(shown);
    if (this.#history.fold(shown)) return; // others may keep undoing what we do: the disk and the history are spared
    this.#history.add(shown);
    this.#changed();
  }

  /** A decision of the daemon's own, which gets its id here. */
  own(decision: UnnumberedDecision): void {
    this.decision(this.#ids.assign(decision));
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
