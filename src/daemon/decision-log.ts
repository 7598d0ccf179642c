import type { Decision, UnnumberedDecision } from '../../models/decision.ts';
import type { CheckEvent, Event, TrafficEvent } from '../../models/event.ts';
import { DecisionIds } from '../core/state/decision-ids.ts';
import { createHistory, type History } from '../report/history.ts';
import type { Journal } from '../report/journal.ts';
import { onWallClock } from './clock.ts';

const storedDecisions = 150;

/** Records decisions in journal and history, checks and silence in the journal alone, in wall-clock time. */
export class DecisionLog {
  readonly #journal: Journal;
  readonly #history: History;
  readonly #changed: () => void;
  readonly #ids = new DecisionIds('d');

  /** `changed`: called after each decision, unless it is folded into an earlier one. */
  constructor(journal: Journal, earlier: readonly Decision[], changed: () => void) {
    this.#changed = changed;
    this.#journal = journal;
    this.#history = createHistory(earlier);
  }

  /** Records a decision of the core. */
  record(decision: Decision): void {
    const shown = { ...decision, at: onWallClock(decision.at) };
    this.#journal.decide(shown);
    if (this.#history.fold(shown)) return; // endless repairs must fill neither the disk nor the history
    this.#history.add(shown);
    this.#changed();
  }

  /** Records one of the daemon's own decisions, which gets its id here. */
  recordOwn(decision: UnnumberedDecision): void {
    this.record(this.#ids.assign(decision));
  }

  /** Records, for debugging, what led to decisions or might have. */
  recordEvent(event: Event): void {
    if (event.type === 'check') this.#recordCheck(event);
    else if (event.type === 'traffic') this.#recordTraffic(event);
  }

  /** The newest decisions, oldest first. */
  list(): readonly Decision[] {
    return this.#history.list();
  }

  /** The newest decisions for the next run, oldest first. */
  latest(): readonly Decision[] {
    return this.#history.list().slice(-storedDecisions);
  }

  #recordCheck({ path, result, targets }: CheckEvent): void {
    const outcome = result.ok ? `passed in ${result.rttMs.toFixed(1)} ms` : `failed: ${result.reason}`;
    this.#journal.say('debug', `check of ${path} ${outcome}`, { targets: targets.length });
  }

  #recordTraffic({ at, device, silentSince }: TrafficEvent): void {
    const since = silentSince === undefined ? undefined : Math.round(at - silentSince);
    const sentence =
      since === undefined
        ? `packets arrive on ${device} again`
        : `packets are sent on ${device}, and nothing has come back for ${since} ms: it is checked at once`;
    this.#journal.say('debug', sentence);
  }
}
