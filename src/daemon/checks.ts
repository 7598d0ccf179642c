import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import { families } from '../../models/path.ts';
import { nextCheck } from '../core/schedule/next-check.ts';
import { nextDiagnosis } from '../core/schedule/next-diagnosis.ts';
import type { State } from '../core/state/state.ts';
import { createDiagnosis, type Diagnosis } from '../probes/diagnosis/diagnosis.ts';
import type { Echo } from '../probes/echo/echo.ts';
import { createRunner, type Runner } from '../probes/runner.ts';
import { now } from './clock.ts';

/** What checks are made with, and where they report to. */
export interface CheckSinks {
  readonly config: Config;
  readonly echo: Echo;
  emit(event: Event): void;
  complain(sentence: string): void; // of scenarios that leave promises behind
}

/** Checks follow the state: rounds of scenarios, and the questions that are asked beside them. */
export class Checks {
  readonly #runner: Runner;
  readonly #diagnosis: Diagnosis;
  #allDown: State['allDown'] = { 4: false, 6: false }; // when all checks were planned last
  #suspectedAt: State['suspectedAt'] = { 4: 0, 6: 0 }; // likewise

  constructor({ config, echo, emit, complain }: CheckSinks) {
    this.#runner = createRunner({ config, echo, emit, complain, now, random: Math.random });
    this.#diagnosis = createDiagnosis({ config, echo, emit, now });
  }

  /** Other providers, scenarios or times than before. */
  configure(config: Config): void {
    this.#runner.configure(config);
    this.#diagnosis.configure(config);
  }

  /** Plans the next checks: of the path an event was about, or of all. Who carries traffic is checked faster. */
  plan(state: State, event: Event, decisions: readonly Decision[] = []): void {
    const concernsAll = this.#concernsAll(state, decisions);
    if (event.type === 'kernel' || (event.type === 'tick' && !concernsAll)) return;
    this.#allDown = { ...state.allDown };
    this.#suspectedAt = { ...state.suspectedAt };
    const isOfPath = 'path' in event && !concernsAll; // a check, a late answer, a diagnosis
    const path = isOfPath ? state.paths.get(event.path) : undefined;
    const concerned = isOfPath ? (path === undefined ? [] : [path]) : state.paths.values();
    for (const each of concerned) {
      this.#runner.schedule(each.key, nextCheck(state, each));
      this.#diagnosis.schedule(each.key, nextDiagnosis(state, each));
    }
  }

  /** Ends them without a word. */
  close(): void {
    this.#runner.close();
    this.#diagnosis.close();
  }

  #concernsAll({ allDown, suspectedAt, config }: State, decisions: readonly Decision[]): boolean {
    const isThrifty = (): boolean => config.providers.some(({ probeBudget }) => probeBudget !== undefined);
    return (
      decisions.some(({ kind }) => kind === 'sticky') || // a pin that ended by a tick: checks may go on
      (decisions.some(({ kind }) => kind === 'switch') && isThrifty()) ||
      families.some((f) => allDown[f] !== this.#allDown[f] || suspectedAt[f] !== this.#suspectedAt[f])
    );
  }
}
