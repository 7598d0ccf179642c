import type { CheckEvent, LateEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Binding } from '../../../models/path.ts';
import { isNotRun, type TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { NameCache } from '../../reach/dns/name-cache.ts';
import type { Deadlines } from '../deadlines.ts';
import type { BoundEcho, Echo } from '../echo/echo.ts';
import type { PathSettings } from '../path-settings.ts';
import { AdaptiveTimeouts } from './adaptive-timeouts.ts';
import { LastResults } from './last-results.ts';
import { type Isolation, runScenario, type ScenarioRun } from './run-scenario.ts';

/** What all paths share. */
export interface CheckParts {
  readonly echo: Echo;
  readonly deadlines: Deadlines; // counts in `now`
  readonly isolated?: Isolation;
  emit(event: CheckEvent | LateEvent): void;
  now(): Instant;
  random(): number; // 0 <= x < 1
}

/** Takes what a scenario found. `isNews`: it failed, and passed when it was run before. */
export type OnResult = (result: TestResult, isNews: boolean) => void;

/** The scenarios of one path while it keeps its binding: runs them, learns how long they take, keeps what they found last. */
export class PathScenarios {
  readonly #binding: Binding;
  readonly #parts: CheckParts;
  readonly #bound: BoundEcho;
  readonly #names = new NameCache();
  readonly #runs = new Set<ScenarioRun>();
  readonly #timeouts = new AdaptiveTimeouts();
  readonly #lastResults: LastResults;
  readonly #underWay = new Map<TestScenario, OnResult[]>(); // of those with an interval of their own
  #settings: PathSettings;
  #bytes = 0; // spent, not yet reported
  #isMixed: boolean; // some are run less often: what was found last matters

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

  /** What a scenario found last; `undefined` before the first time. */
  lastOf(scenario: TestScenario): TestResult | undefined {
    return this.#lastResults.of(scenario);
  }

  /** Whether a scenario with an interval of its own must be run again. `slowdown`: it is so many times as long. */
  isDue(scenario: TestScenario, now: Instant, slowdown: number): boolean {
    const { checkIntervalMs } = this.#settings;
    return (
      !this.#underWay.has(scenario) && this.#lastResults.isDue(scenario, now, { checkIntervalMs, slowdown })
    );
  }

  /**
   * Runs a scenario once. `onResult` is called once, never within the call; `onLate` maybe, when the answer comes too late.
   * One with an interval of its own is not run twice at a time: its next result is everyone's.
   */
  run(scenario: TestScenario, onResult: OnResult, onLate: (rttMs: number) => void): void {
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
      isolated: this.#parts.isolated,
      spend: (bytes) => {
        this.#bytes += bytes;
      },
      now: this.#parts.now,
      onResult: (result, tookMs) => {
        this.#runs.delete(run);
        this.#underWay.delete(scenario);
        if (result.ok) this.#timeouts.learn(scenario.name, scenario.isOneRoundTrip ? result.rttMs : tookMs);
        const isNews = this.#note(scenario, result);
        for (const each of takers) each(result, isNews);
      },
      onLate: (rttMs) => {
        this.#timeouts.learn(scenario.name, rttMs); // or a target that became slow would be overdue forever
        onLate(rttMs);
      },
    });
    this.#runs.add(run);
  }

  /** Keeps what a scenario found. True when it failed, and did not before. */
  #note(scenario: TestScenario, result: TestResult): boolean {
    if (!this.#isMixed || (!result.ok && result.code === 'stalled')) return false;
    const before = this.#lastResults.of(scenario);
    this.#lastResults.note(scenario, result, this.#parts.now());
    return !result.ok && !isNotRun(result) && before?.ok !== false;
  }

  /** What was sent and received since the last call, in bytes of `wire-bytes`. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /** Ends whatever is under way, and reports nothing more. */
  close(): void {
    for (const run of this.#runs) run.abandon();
    this.#runs.clear();
    this.#bound.release();
  }
}
