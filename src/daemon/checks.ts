import type { Config } from '../../models/config.ts';
import type { Event } from '../../models/event.ts';
import type { Effects } from '../core/effects.ts';
import { nextCheck } from '../core/schedule/next-check.ts';
import { nextDiagnosis } from '../core/schedule/next-diagnosis.ts';
import { watchedDevices } from '../core/schedule/watched-devices.ts';
import type { PathState, State } from '../core/state/state.ts';
import { createDiagnosis, type Diagnosis } from '../probes/diagnosis/diagnosis.ts';
import type { Echo } from '../probes/echo/echo.ts';
import { createRunner, type Runner } from '../probes/runner.ts';
import { TrafficWatcher } from '../watch/traffic/traffic-watcher.ts';
import { now } from './clock.ts';

/** What checks run with, and where they report to. */
export interface CheckSinks {
  readonly config: Config;
  readonly echo: Echo;
  emit(event: Event): void;
  complain(sentence: string): void; // about scenarios that leave promises behind
}

/**
 * Runs the checks that the state plans: rounds of scenarios, and the diagnoses between them; and watches the
 * traffic that may be a reason to check sooner.
 */
export class Checks {
  readonly #runner: Runner;
  readonly #diagnosis: Diagnosis;
  readonly #traffic: TrafficWatcher;
  #active: State['active'] | undefined; // when the devices to watch were last chosen

  constructor({ config, echo, emit, complain }: CheckSinks) {
    this.#runner = createRunner({ config, echo, emit, complain, now, random: Math.random });
    this.#diagnosis = createDiagnosis({ config, echo, emit, now });
    this.#traffic = new TrafficWatcher({ emit, now });
  }

  /** Applies a configuration with different providers, scenarios or times. */
  configure(config: Config): void {
    this.#runner.configure(config);
    this.#diagnosis.configure(config);
  }

  /** Plans the next check and the next diagnosis of some paths, or of all. */
  plan(state: State, which: Effects['checks']): void {
    if (state.active !== this.#active) this.watchTraffic(state);
    if (which === 'none') return;
    if (which === 'all') for (const path of state.paths.values()) this.#plan(state, path);
    else for (const key of which) this.#plan(state, state.paths.get(key));
  }

  /** Watches the traffic of the devices that carry it now. To be called about once a second. */
  watchTraffic(state: State): void {
    this.#active = state.active;
    this.#traffic.watch(watchedDevices(state));
  }

  /** Ends all checks; no more events follow. */
  close(): void {
    this.#runner.close();
    this.#diagnosis.close();
    this.#traffic.close();
  }

  #plan(state: State, path: PathState | undefined): void {
    if (path === undefined) return;
    this.#runner.schedule(path.key, nextCheck(state, path));
    this.#diagnosis.schedule(path.key, nextDiagnosis(state, path));
  }
}
