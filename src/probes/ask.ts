import type { Provider } from '../../models/provider.ts';
import type { TestResult } from '../../models/test-result.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import { notRun } from './failure.ts';
import { BoundProbe, type ProbeParts } from './probe.ts';

/** For a scenario's own words about its deadline, before the runner ends it with less to say. */
const graceMs = 25;

/** How one run of a scenario is done, and who is told. */
export interface AskParts extends Pick<ProbeParts, 'family' | 'binding' | 'bound' | 'timeoutMs'> {
  readonly provider: Provider;
  readonly deadlines: Deadlines;
  now(): number;
  settle(result: TestResult): void; // called once, never within `ask`
  late(rttMs: number): void; // maybe called once, after `settle`
}

/** Runs a scenario once. It has settled shortly after `timeoutMs`, whatever the scenario does. */
export function ask(scenario: TestScenario, parts: AskParts): void {
  const run = new Run(parts);
  parts.deadlines.add(run);
  try {
    // A user's scenario may return anything, also no promise.
    Promise.resolve(scenario.runTest(parts.provider, run.probe)).then(
      (result) => run.settle(checked(result)),
      (error) => run.settle(couldNotRun(error)),
    );
  } catch (error) {
    queueMicrotask(() => run.settle(couldNotRun(error)));
  }
}

class Run implements Expiring {
  readonly probe: BoundProbe;
  readonly #parts: AskParts;
  readonly #deadline: number;
  #abort: AbortController | undefined;
  dueAt: number;
  over = false;

  constructor(parts: AskParts) {
    this.#parts = parts;
    this.#deadline = parts.now() + parts.timeoutMs;
    this.dueAt = this.#deadline;
    this.probe = new BoundProbe({
      family: parts.family,
      binding: parts.binding,
      bound: parts.bound,
      timeoutMs: parts.timeoutMs,
      remainingMs: () => this.#deadline - parts.now(),
      signal: () => this.#signal(),
      onLate: (rttMs) => parts.late(rttMs),
    });
  }

  settle(result: TestResult): void {
    if (this.over) return;
    this.over = true;
    this.#parts.settle(result);
  }

  expire(): void {
    if (this.dueAt > this.#deadline) {
      this.settle(notRun(`did not end by its deadline of ${Math.round(this.#parts.timeoutMs)} ms`));
      return;
    }
    this.#abort?.abort();
    this.dueAt = this.#parts.now() + graceMs; // from now: after a stall of this process, answers are read first
    this.#parts.deadlines.add(this);
  }

  #signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#parts.now() >= this.#deadline) this.#abort.abort();
    return this.#abort.signal;
  }
}

function couldNotRun(error: unknown): TestResult {
  return notRun(`could not run: ${error instanceof Error ? error.message : String(error)}`);
}

/** A result as it must be; a user's scenario is code that no compiler has seen. */
function checked(value: unknown): TestResult {
  if (typeof value === 'object' && value !== null && 'ok' in value) {
    const { ok, rttMs, reason, notRun: skipped } = value as Record<string, unknown>; // each is looked at below
    if (ok === true && typeof rttMs === 'number' && rttMs >= 0 && rttMs < Number.POSITIVE_INFINITY)
      return { ok, rttMs };
    if (ok === false && typeof reason === 'string') return skipped === true ? notRun(reason) : { ok, reason };
  }
  return notRun('could not run: it did not return { ok: true, rttMs } or { ok: false, reason }');
}
