import type { TargetResult } from '../../models/event.ts';
import type { TestResult } from '../../models/test-result.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { roundFailure } from './round-failure.ts';

/** What a round does and whom it tells. */
export interface RoundParts {
  readonly scenarios: readonly TestScenario[]; // in the order to ask
  readonly required: number; // 1..scenarios.length
  readonly burst: boolean; // ask all at once
  ask(scenario: TestScenario, settle: (result: TestResult) => void): void; // never settles within the call
  finish(result: TestResult, targets: readonly TargetResult[]): void;
}

/**
 * One check: asks as many scenarios as must pass, and all the rest at once when one of them does not. It passes as
 * soon as enough passed, and fails as soon as enough cannot pass any more.
 */
export class Round {
  readonly #parts: RoundParts;
  readonly #targets: TargetResult[] = [];
  #asked = 0;
  #passed = 0;
  #rttSumMs = 0;
  #over = false;

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#askUpTo(this.#parts.burst ? this.#parts.scenarios.length : this.#parts.required);
  }

  /** Ends it without a verdict; what is under way is no longer listened to. */
  abandon(): void {
    this.#over = true;
  }

  #askUpTo(count: number): void {
    const next = this.#parts.scenarios.slice(this.#asked, count);
    this.#asked += next.length;
    for (const scenario of next)
      this.#parts.ask(scenario, (result) => this.#settled({ target: scenario.name, result }));
  }

  #settled(target: TargetResult): void {
    if (this.#over) return;
    const { scenarios, required } = this.#parts;
    this.#targets.push(target);
    if (target.result.ok) {
      this.#passed += 1;
      this.#rttSumMs += target.result.rttMs;
    }
    const missed = this.#targets.length - this.#passed;
    if (this.#passed >= required) this.#finish({ ok: true, rttMs: this.#rttSumMs / this.#passed });
    else if (scenarios.length - missed < required) this.#finish(roundFailure(this.#targets));
    else if (missed > 0) this.#askUpTo(scenarios.length);
  }

  #finish(result: TestResult): void {
    this.#over = true;
    this.#parts.finish(result, this.#targets);
  }
}
