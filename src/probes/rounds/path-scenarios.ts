import type { CheckEvent, LateEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { isNotRun, type TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { NameCache } from '../../reach/dns/name-cache.ts';
import type { Deadlines } from '../deadlines.ts';
import type { BoundEcho, Echo } from '../echo/echo.ts';
import { AdaptiveTimeouts } from './adaptive-timeouts.ts';
import { LastResults } from './last-results.ts';
import { type Isolation, runScenario, type ScenarioRun } from './run-scenario.ts';

/** What the configuration says of one path's checks. */
export interface PathSettings {
  readonly provider: Provider;
  readonly family: Family;
  readonly scenarios: readonly TestScenario[]; // those that can run in the family
  readonly requiredSuccessful: number | 'all';
  readonly checkIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly minOutageMs: number;
  readonly nameservers: readonly string[];
}

/** What all paths share. */
export interface CheckParts {
  readonly echo: Echo;
  readonly deadlines: Deadlines; // counts in `now`
  readonly isolated?: Isolation;
  emit(event: CheckEvent | LateEvent): void;
  now(): Instant;
  random(): number; // 0 <= x < 1
}

/** Hears what a scenario found. `isNews`: it failed, and passed when it was asked before. */
export type OnResult = (result: TestResult, isNews: boolean) => void;

/** The scenarios of one path while it keeps its binding: asks them, learns how long they take, keeps what they found last. */
export class PathScenarios {
  readonly #binding: Binding;
  readonly #parts: CheckParts;
  readonly #bound: BoundEcho;
  readonly #names = new NameCache();
  readonly #asked = new Set<ScenarioRun>();
  readonly #patience = new AdaptiveTimeouts();
  readonly #standings: LastResults;
  readonly #underWay = new Map<TestScenario, OnResult[]>(); // of those with an interval of their own
  #settings: PathSettings;
  #bytes = 0; // spent, not yet told
  #isMixed: boolean; // some are asked less often: what was found last matters

  constructor(binding: Binding, settings: PathSettings, parts: CheckParts) {
    this.#binding = binding;
    this.#settings = settings;
    this.#isMixed = settings.scenarios.some(({ everyMs }) => everyMs !== undefined);
    this.#parts = parts;
    this.#standings = new LastResults(parts.random);
    this.#bound = parts.echo.bind(settings.family, binding);
  }

  configure(settings: PathSettings): void {
    this.#settings = settings;
    this.#isMixed = settings.scenarios.some(({ everyMs }) => everyMs !== undefined);
    this.#patience.keep(settings.scenarios);
    this.#standings.keep(settings.scenarios);
  }

  /** What a scenario found last; `undefined` before the first time. */
  lastOf(scenario: TestScenario): TestResult | undefined {
    return this.#standings.of(scenario);
  }

  /** Whether a scenario with an interval of its own must be asked again. `slowdown`: it is so many times as long. */
  isDue(scenario: TestScenario, now: Instant, slowdown: number): boolean {
    const { checkIntervalMs } = this.#settings;
    return (
      !this.#underWay.has(scenario) && this.#standings.isDue(scenario, now, { checkIntervalMs, slowdown })
    );
  }

  /**
   * Asks a scenario once. `hear` is called once, never within the call; `late` maybe, when the answer comes too late. Who
   * has an interval of its own is not asked twice at a time: its next result is heard by all.
   */
  ask(scenario: TestScenario, hear: OnResult, late: (rttMs: number) => void): void {
    const waiting = this.#underWay.get(scenario);
    if (waiting !== undefined) return void waiting.push(hear);
    const hearing = [hear];
    if (scenario.everyMs !== undefined) this.#underWay.set(scenario, hearing);
    const { provider, family, nameservers } = this.#settings;
    const asked = runScenario(scenario, {
      provider,
      family,
      binding: this.#binding,
      bound: this.#bound,
      nameservers,
      names: this.#names,
      timeoutMs: this.#patience.timeoutMs(scenario, this.#settings, this.#parts.echo.overheadMs),
      deadlines: this.#parts.deadlines,
      isolated: this.#parts.isolated,
      spend: (bytes) => {
        this.#bytes += bytes;
      },
      now: this.#parts.now,
      onResult: (result, tookMs) => {
        this.#asked.delete(asked);
        this.#underWay.delete(scenario);
        if (result.ok) this.#patience.learn(scenario.name, scenario.isOneRoundTrip ? result.rttMs : tookMs);
        const isNews = this.#note(scenario, result);
        for (const each of hearing) each(result, isNews);
      },
      onLate: (rttMs) => {
        this.#patience.learn(scenario.name, rttMs); // or a target that became slow would be overdue for ever
        late(rttMs);
      },
    });
    this.#asked.add(asked);
  }

  /** Keeps what a scenario found. True when it failed, and did not before. */
  #note(scenario: TestScenario, result: TestResult): boolean {
    if (!this.#isMixed || (!result.ok && result.code === 'stalled')) return false;
    const before = this.#standings.of(scenario);
    this.#standings.note(scenario, result, this.#parts.now());
    return !result.ok && !isNotRun(result) && before?.ok !== false;
  }

  /** What was sent and came since this was asked last, in bytes of `wire-bytes`. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /** Ends whatever is under way without a word. */
  close(): void {
    for (const asked of this.#asked) asked.abandon();
    this.#asked.clear();
    this.#bound.release();
  }
}
