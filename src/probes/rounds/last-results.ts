import type { Instant } from '../../../models/instant.ts';
import type { TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';

/** What a scenario found last. */
interface Known {
  readonly result: TestResult;
  readonly at: Instant;
  readonly changedAt: Instant; // since when it passes, or fails
  readonly spread: number; // 0.9..1.1 of its interval
}

/**
 * What the scenarios of one path found last, and when those with an interval of their own are due again: soon after
 * they began to pass or to fail, then after twice as long each time, up to their interval. So what has just changed is
 * looked at again soon, and what stays as it is costs no more than was asked for.
 */
export class LastResults {
  readonly #known = new Map<string, Known>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  note({ name }: TestScenario, result: TestResult, at: Instant): void {
    const before = this.#known.get(name);
    const changedAt = before !== undefined && before.result.ok === result.ok ? before.changedAt : at;
    this.#known.set(name, { result, at, changedAt, spread: 0.9 + 0.2 * this.#random() });
  }

  /** What it found last; `undefined` before the first time. */
  of({ name }: TestScenario): TestResult | undefined {
    return this.#known.get(name)?.result;
  }

  /** Whether it must be run again. `slowdown`: all intervals are so many times as long. */
  isDue({ name, everyMs = 0 }: TestScenario, now: Instant, pace: Pace): boolean {
    const known = this.#known.get(name);
    if (known === undefined) return true;
    const soonMs = Math.max(known.at - known.changedAt, pace.checkIntervalMs);
    return now - known.at >= Math.min(soonMs, everyMs) * known.spread * pace.slowdown;
  }

  /** Forgets those that are not run any more. */
  keep(scenarios: readonly TestScenario[]): void {
    const names = new Set(scenarios.map(({ name }) => name));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
  }
}

/** How fast a path is checked. */
interface Pace {
  readonly checkIntervalMs: number;
  readonly slowdown: number; // all intervals are so many times as long
}
