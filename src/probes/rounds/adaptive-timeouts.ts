import type { UsualRtt } from '../../../models/check-plan.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { addSample, deadlineMs, type RttEstimate, severalTripsMs } from './rtt-estimator.ts';

/** What limits how long a run may take, apart from the scenario itself. */
export interface Bounds {
  readonly scenarios: readonly TestScenario[]; // of the path
  readonly checkIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly minOutageMs: number;
}

/** How long to wait for each target of one path, learned from how long its answers took. */
export class AdaptiveTimeouts {
  readonly #estimates = new Map<string, RttEstimate>(); // by target
  readonly #guessed = new Set<string>(); // targets whose estimate is not a measurement
  #usual: UsualRtt | undefined; // of all targets, from before

  /** `untimed`: as in a `Success`. Such a time is better than none, until there is another. */
  learn(target: string, tookMs: number, untimed = false): void {
    const known = this.#guessed.has(target) ? undefined : this.#estimates.get(target);
    if (untimed && known !== undefined) return;
    if (untimed) this.#guessed.add(target);
    else this.#guessed.delete(target);
    this.#estimates.set(target, addSample(known, tookMs));
  }

  /** How long answers took in an earlier run, or through the same binding before: holds until a target has answered. */
  expect(usual: UsualRtt): void {
    this.#usual = usual;
  }

  /** Whether a target has answered. */
  knows(target: string): boolean {
    return this.#estimates.has(target);
  }

  /**
   * How long a run of a scenario may take: its own setting, else derived from usual times, plus the sending
   * overhead.
   */
  timeoutMs(scenario: TestScenario, bounds: Bounds, overheadMs: number): number {
    const { checkTimeoutMs } = bounds;
    if (scenario.timeoutMs !== undefined) return scenario.timeoutMs;
    const usualMs = scenario.isOneRoundTrip
      ? this.#usualMs(scenario.name, bounds)
      : severalTripsMs(this.#estimates.get(scenario.name), bounds);
    return Math.min(usualMs + overheadMs, checkTimeoutMs);
  }

  /** Forgets the targets that are no longer probed. */
  keep(scenarios: readonly TestScenario[]): void {
    const names = new Set(scenarios.map(({ name }) => name));
    for (const name of this.#estimates.keys()) {
      if (names.has(name)) continue;
      this.#estimates.delete(name);
      this.#guessed.delete(name);
    }
  }

  /** A target that has never answered gets as long as the slowest other target of its kind. */
  #usualMs(target: string, bounds: Bounds): number {
    const own = this.#estimates.get(target);
    if (own !== undefined) return deadlineMs(own, bounds);
    const others = bounds.scenarios
      .filter(({ isOneRoundTrip }) => isOneRoundTrip)
      .flatMap(({ name }) => this.#estimates.get(name) ?? []);
    if (others.length === 0) return this.#firstMs(bounds);
    return Math.max(...others.map((other) => deadlineMs(other, bounds)));
  }

  #firstMs(bounds: Bounds): number {
    const unknownMs = deadlineMs(undefined, bounds);
    if (this.#usual === undefined) return unknownMs;
    const { rttMs, jitterMs, isOld } = this.#usual;
    const usualMs = deadlineMs({ srttMs: rttMs, rttvarMs: Math.max(jitterMs, rttMs / 8) }, bounds);
    return isOld ? Math.max(usualMs, unknownMs) : usualMs;
  }
}
