import type { Instant } from '../../../models/instant.ts';
import type { TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';

/** A scenario's last result. */
interface Known {
  readonly result: TestResult;
  readonly at: Instant;
  readonly changedAt: Instant; // since when it has passed, or failed
  readonly spread: number; // 0.9..1.1 of its interval
}

/**
 * The last results of one path's scenarios, and when those with an interval of their own are due again: soon
 * after they begin to pass or fail, then after twice as long each time, up to their interval. So a recent
 * change is confirmed soon, and a steady state costs no more than configured.
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

  /** Its last result; `undefined` before the first. */
  of({ name }: TestScenario): TestResult | undefined {
    return this.#known.get(name)?.result;
  }

  /** Whether it must be run again. `slowdown`: the factor by which all intervals are longer. */
  isDue({ name, everyMs = 0 }: TestScenario, now: Instant, pace: Pace): boolean {
    const known = this.#known.get(name);
    if (known === undefined) return true;
    const soonMs = Math.max(known.at - known.changedAt, pace.checkIntervalMs);
    return now - known.at >= Math.min(soonMs, everyMs) * known.spread * pace.slowdown;
  }

  /** Forgets those that are no longer run. */
  keep(scenarios: readonly TestScenario[]): void {
    const names = new Set(scenarios.map(({ name }) => name));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
  }
}

/** How fast a path is checked. */
interface Pace {
  readonly checkIntervalMs: number;
  readonly slowdown: number; // the factor by which all intervals are longer
}
