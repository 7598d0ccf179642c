import { IsolatedScenario } from '../../../models/isolated-scenario.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { TestScenarioPing } from '../../../models/scenarios/ping.ts';
import {
  type FailureDetail,
  isNotRun,
  readDetail,
  type Success,
  type TestResult,
} from '../../../models/test-result.ts';
import type { Probe, TestScenario } from '../../../models/test-scenario.ts';
import { failed, notRun, stoodStill } from '../../reach/failure.ts';
import type { Names } from '../../reach/reach-context.ts';
import { failureOf } from '../../reach/reach-error.ts';
import { Scope } from '../../reach/scope.ts';
import type { Deadlines, Expiring } from '../deadlines.ts';
import type { BoundEcho } from '../echo/echo.ts';
import { BoundProbe } from '../probe.ts';
import type { LagWatch } from './lag-watch.ts';

/** Time for a scenario to give its own reason at its deadline, before the runner ends it with a less specific one. */
const graceMs = 25;

/** The longest a scenario may block the whole process. */
const blockingMs = 150;

/** A run that fails this much later than its deadline was waiting for a stalled process. */
const stallMs = 250;

/** Where the operator's own scenarios run. */
export interface Isolation {
  run(scenario: IsolatedScenario, provider: Provider, probe: Probe): Promise<unknown>;
}

/** How one run of a scenario is made, and where its result goes. */
export interface ScenarioRunParts {
  readonly provider: Provider;
  readonly family: Family;
  readonly binding: Binding;
  readonly bound: BoundEcho;
  readonly nameservers: readonly string[];
  readonly names: Names;
  readonly timeoutMs: number;
  readonly deadlines: Deadlines;
  readonly lag?: LagWatch; // absent: it does not matter whether times are the line's
  now(): number;
  onResult(result: TestResult, tookMs: number): void; // called once, never within `runScenario`, unless abandoned
  onLate(late: Success): void; // called at most once, after `onResult`
  /** Runs the operator's code, which must not run in this thread. */
  readonly isolated?: Isolation | undefined;
  spend?(bytes: number): void; // bytes sent and received, as counted by `wire-bytes`; also after `onResult`
}

/** A run of a scenario. */
export interface ScenarioRun {
  /** Ends it without reporting, and closes what it has open. */
  abandon(): void;
}

/** Runs a scenario once. It settles shortly after `timeoutMs` at the latest, whatever the scenario does. */
export function runScenario(scenario: TestScenario, parts: ScenarioRunParts): ScenarioRun {
  const run = new Execution(scenario, parts);
  parts.deadlines.add(run);
  const startedAt = performance.now();
  const result = begin(scenario, parts, run.probe);
  const blockedMs = performance.now() - startedAt;
  result.then(
    (value) => run.settle(blockedMs > blockingMs ? blocked(checked(value), blockedMs) : checked(value)),
    (error) => run.settle(failureOf(error)),
  );
  return run;
}

/** An operator's scenario may throw synchronously, and return anything, not only a promise. */
function begin(
  scenario: TestScenario,
  { provider, isolated }: ScenarioRunParts,
  probe: BoundProbe,
): Promise<unknown> {
  try {
    if (scenario instanceof IsolatedScenario && isolated !== undefined)
      return isolated.run(scenario, provider, probe);
    return Promise.resolve(scenario.runTest(provider, probe));
  } catch (error) {
    return Promise.reject(error);
  }
}

function uncounted(): void {
  // A single run on request counts towards nothing.
}

class Execution implements Expiring, ScenarioRun {
  readonly probe: BoundProbe;
  readonly #parts: ScenarioRunParts;
  readonly #scope: Scope;
  readonly #startedAt: number;
  readonly #deadline: number;
  readonly #lag: LagWatch | undefined;
  #abort: AbortController | undefined;
  dueAt: number;
  over = false;

  constructor(scenario: TestScenario, parts: ScenarioRunParts) {
    const { provider, family, binding, nameservers, names, timeoutMs, now, spend = uncounted } = parts;
    this.#parts = parts;
    this.#startedAt = now();
    this.#deadline = this.#startedAt + timeoutMs;
    this.dueAt = this.#deadline;
    this.#scope = new Scope(timeoutMs, now);
    this.#lag = scenario instanceof TestScenarioPing ? undefined : parts.lag; // the kernel times echoes
    this.#lag?.begin();
    this.probe = new BoundProbe({
      provider,
      context: { family, binding, nameservers, names, scope: this.#scope, spend },
      bound: parts.bound,
      signal: () => this.#signal(),
      onLate: (late) => parts.onLate(late),
    });
  }

  settle(result: TestResult): void {
    if (this.over) return;
    const { timeoutMs, now, onResult } = this.#parts;
    const tookMs = now() - this.#startedAt;
    const hasLagged = this.#end();
    const found = hasLagged && result.ok ? ({ ...result, untimed: true } as const) : result;
    if (tookMs <= timeoutMs + graceMs) onResult(found, tookMs);
    else onResult(overdue(found, tookMs - timeoutMs, timeoutMs), timeoutMs);
  }

  abandon(): void {
    if (!this.over) this.#end();
  }

  /** Whether this process lagged during the run, so that it took longer than it would have. */
  #end(): boolean {
    this.over = true;
    this.#scope.end();
    return this.#lag?.end(this.#startedAt) ?? false;
  }

  expire(): void {
    if (this.dueAt > this.#deadline) {
      this.settle(notRun(`did not end by its deadline of ${Math.round(this.#parts.timeoutMs)} ms`));
      return;
    }
    this.dueAt = this.#parts.now() + graceMs; // from now on: after a stall of this process, answers are read first
    this.#parts.deadlines.add(this);
    this.#abort?.abort();
    // Only after the sockets' buffers have been read, for the same reason.
    setImmediate(() => this.#scope.expire());
  }

  #signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#parts.now() >= this.#deadline) this.#abort.abort();
    return this.#abort.signal;
  }
}

/**
 * The result of a run that ended later than it would have in a process that kept running: its answer arrived by the
 * deadline at the latest, or cannot be known to have.
 */
function overdue(result: TestResult, lateMs: number, timeoutMs: number): TestResult {
  if (result.ok) return { ...result, rttMs: Math.min(result.rttMs, timeoutMs) };
  return lateMs > stallMs && !isNotRun(result) ? stoodStill(lateMs) : result;
}

/** The result of a run that passed but did harm. */
function blocked(result: TestResult, ms: number): TestResult {
  if (!result.ok) return result;
  return notRun(
    `it kept the whole process from working for ${Math.round(ms)} ms: use await, or probe.exec for work that blocks`,
  );
}

/** Validates a result; an operator's scenario is code that no compiler has seen. */
function checked(value: unknown): TestResult {
  if (typeof value === 'object' && value !== null && 'ok' in value) {
    const fields = value as Record<string, unknown>; // each is checked below
    const { ok, rttMs, reason, untimed } = fields;
    if (ok === true && typeof rttMs === 'number' && rttMs >= 0 && rttMs < Number.POSITIVE_INFINITY)
      return untimed === true ? { ok, rttMs, untimed } : { ok, rttMs };
    if (ok === false && typeof reason === 'string') return failed(codeOf(fields), reason);
  }
  return notRun('could not run: it did not return { ok: true, rttMs } or { ok: false, reason }');
}

/** What a scenario reports to have happened. It cannot report a stall of this process. */
function codeOf(fields: Readonly<Record<string, unknown>>): FailureDetail {
  if (fields['notRun'] === true || fields['code'] === 'stalled') return { code: 'not-run' };
  return readDetail(fields) ?? { code: 'rejected' };
}
