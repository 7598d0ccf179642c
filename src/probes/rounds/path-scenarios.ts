import type { UsualRtt } from '../../../models/check-plan.ts';
import type { CheckEvent, LateEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Binding } from '../../../models/path.ts';
import { isNotRun, type Success, type TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { NameCache } from '../../reach/dns/name-cache.ts';
import type { Deadlines } from '../deadlines.ts';
import type { BoundEcho, Echo } from '../echo/echo.ts';
import type { PathSettings } from '../path-settings.ts';
import { AdaptiveTimeouts } from './adaptive-timeouts.ts';
import type { LagWatch } from './lag-watch.ts';
import { LastResults } from './last-results.ts';
import { type Isolation, runScenario, type ScenarioRun } from './run-scenario.ts';

/** What the checks of all paths share. */
export interface CheckParts {
  readonly echo: Echo;
  readonly deadlines: Deadlines; // counts in `now`
  readonly lag: LagWatch;
  readonly isolated?: Isolation;
  emit(event: CheckEvent | LateEvent): void;
  now(): Instant;
  random(): number; // 0 <= x < 1
}

/** Takes a scenario's result. `isNews`: it failed, and had passed the time before. */
export type OnResult = (result: TestResult, isNews: boolean) => void;

/**
 * The scenarios of one path while it keeps its binding: runs them, learns how long they take, keeps their
 * last results.
 */
export class PathScenarios {
  readonly #binding: Binding;
  readonly #parts: CheckParts;
  readonly #bound: BoundEcho;
  readonly #names = new NameCache();
  readonly #runs = new Set<ScenarioRun>();
  readonly #timeouts = new AdaptiveTimeouts();
  readonly #lastResults: LastResults;
  readonly #underWay = new Map<TestScenario, OnResult[]>(); // those running, with an interval of their own
  #settings: PathSettings;
  #bytes = 0; // spent, not yet reported
  #isMixed: boolean; // some are run less often, so last results matter

  constructor(binding: Binding, settings: PathSettings, parts: CheckParts) {
    this.#binding = binding;
    this.#settings = settings;
    this.#isMixed = settings.scenarios.some(({ everyMs }) => everyMs !== undefined);
    this.#parts = parts;
    this.#lastResults = new LastResults(parts.random);
    this.#bound = parts.echo.bind(settings.family, binding);
  }

  configure(settings: PathSettings): void {
    this.#settings = settings;
    this.#isMixed = settings.scenarios.some(({ everyMs }) => everyMs !== undefined);
    this.#timeouts.keep(settings.scenarios);
    this.#lastResults.keep(settings.scenarios);
  }

  /** How long answers usually take, until there is one. */
  expect(usual: UsualRtt): void {
    this.#timeouts.expect(usual);
  }

  /** A scenario's last result; `undefined` before the first. */
  lastOf(scenario: TestScenario): TestResult | undefined {
    return this.#lastResults.of(scenario);
  }

  /**
   * Whether a scenario with an interval of its own must be run again. `slowdown`: the factor by which that is
   * longer.
   */
  isDue(scenario: TestScenario, now: Instant, slowdown: number): boolean {
    const { checkIntervalMs } = this.#settings;
    return (
      !this.#underWay.has(scenario) && this.#lastResults.isDue(scenario, now, { checkIntervalMs, slowdown })
    );
  }

  /**
   * Runs a scenario once. `onResult` is called once, never within the call; `onLate` only if the answer comes too late.
   * One with an interval of its own never runs twice at a time: concurrent callers share its next result.
   */
  run(scenario: TestScenario, onResult: OnResult, onLate: (late: Success) => void): void {
    const waiting = this.#underWay.get(scenario);
    if (waiting !== undefined) return void waiting.push(onResult);
    const takers = [onResult];
    if (scenario.everyMs !== undefined) this.#underWay.set(scenario, takers);
    const { provider, family, nameservers } = this.#settings;
    const run = runScenario(scenario, {
      provider,
      family,
      binding: this.#binding,
      bound: this.#bound,
      nameservers,
      names: this.#names,
      timeoutMs: this.#timeouts.timeoutMs(scenario, this.#settings, this.#parts.echo.overheadMs),
      deadlines: this.#parts.deadlines,
      lag: this.#parts.lag,
      isolated: this.#parts.isolated,
      spend: (bytes) => {
        this.#bytes += bytes;
      },
      now: this.#parts.now,
      onResult: (result, tookMs) => {
        this.#runs.delete(run);
        this.#underWay.delete(scenario);
        const timed = result.ok ? this.#learn(scenario, result, tookMs) : result;
        const isNews = this.#note(scenario, timed);
        for (const each of takers) each(timed, isNews);
      },
      onLate: (late) => {
        // Otherwise a target that became slow would be overdue forever.
        this.#timeouts.learn(scenario.name, late.rttMs, late.untimed);
        onLate(late);
      },
    });
    this.#runs.add(run);
  }

  /** The first run of all but a ping loads and compiles its code, which takes longer than most round trips. */
  #learn({ name, isOneRoundTrip }: TestScenario, result: Success, tookMs: number): Success {
    const isFirst = !isOneRoundTrip && !this.#timeouts.knows(name);
    const found = isFirst ? ({ ...result, untimed: true } as const) : result;
    this.#timeouts.learn(name, isOneRoundTrip ? result.rttMs : tookMs, found.untimed);
    return found;
  }

  /** Keeps a scenario's result. True if it failed, and had not before. */
  #note(scenario: TestScenario, result: TestResult): boolean {
    if (!this.#isMixed || (!result.ok && result.code === 'stalled')) return false;
    const before = this.#lastResults.of(scenario);
    this.#lastResults.note(scenario, result, this.#parts.now());
    return !result.ok && !isNotRun(result) && before?.ok !== false;
  }

  /** Bytes sent and received since the last call, as counted by `wire-bytes`. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /** Ends all runs, and reports nothing more. */
  close(): void {
    for (const run of this.#runs) run.abandon();
    this.#runs.clear();
    this.#bound.release();
  }
}
