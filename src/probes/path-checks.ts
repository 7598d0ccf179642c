import type { CheckPlan } from '../../models/check-plan.ts';
import type { CheckEvent, LateEvent, TargetResult } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import type { Binding, Family, PathKey } from '../../models/path.ts';
import type { Provider } from '../../models/provider.ts';
import type { TestResult } from '../../models/test-result.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { type Asked, ask } from './ask.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import type { BoundEcho, Echo } from './echo.ts';
import { notRun } from './failure.ts';
import { faultOf } from './fault.ts';
import { NameCache } from './resolve.ts';
import { Round } from './round.ts';
import { addSample, deadlineMs, type RttEstimate, severalTripsMs } from './rtt-estimator.ts';

/** What the configuration says of one path's checks. */
export interface PathSettings {
  readonly provider: Provider;
  readonly family: Family;
  readonly scenarios: readonly TestScenario[]; // those that can run in the family
  readonly requiredSuccessful: number | 'all';
  readonly checkIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly nameservers: readonly string[];
}

/** What all paths share. */
export interface CheckParts {
  readonly echo: Echo;
  readonly deadlines: Deadlines; // counts in `now`
  emit(event: CheckEvent | LateEvent): void;
  now(): Instant;
  random(): number; // 0 <= x < 1
}

/** A round that has begun, and what became of it. */
interface Begun {
  readonly startedAt: Instant;
  readonly round: Round;
  verdict: { readonly ok: boolean; readonly targets: readonly TargetResult[] } | undefined;
  readonly early: { readonly target: string; readonly rttMs: number }[]; // late answers that came before the verdict
  abandoned: boolean;
}

/** How often a target that was set aside is tried. */
const setAsideTryMs = 10_000;

/** The checks of one path while it keeps its binding: waits for a plan's instant, runs a round, tells, waits for the next. */
export class PathChecks {
  readonly binding: Binding;
  readonly #path: PathKey;
  readonly #parts: CheckParts;
  readonly #bound: BoundEcho;
  readonly #names = new NameCache();
  readonly #asked = new Set<Asked>();
  readonly #estimates = new Map<string, RttEstimate>(); // by target
  readonly #triedAt = new Map<string, Instant>(); // of targets set aside, by name
  readonly #tried: TargetResult[] = []; // their results not yet told
  #settings: PathSettings;
  #start: (Expiring & { plan: CheckPlan; over: boolean }) | undefined;
  #begunPlanAt: Instant | undefined;
  #running: Begun | undefined;

  constructor(path: PathKey, binding: Binding, settings: PathSettings, parts: CheckParts) {
    this.#path = path;
    this.binding = binding;
    this.#settings = settings;
    this.#parts = parts;
    this.#bound = parts.echo.bind(settings.family, binding);
  }

  /** Replaces the plan for the next check. A plan for the instant of the last one is that one, told again. */
  plan(plan: CheckPlan): void {
    if (plan.at === this.#begunPlanAt) return;
    if (this.#start !== undefined) this.#start.over = true;
    this.#start = { plan, dueAt: plan.at, over: false, expire: () => this.#begin() };
    this.#wait();
  }

  /** Takes effect with the next round. */
  configure(settings: PathSettings): void {
    this.#settings = settings;
    const names = new Set(settings.scenarios.map(({ name }) => name));
    for (const name of this.#estimates.keys()) if (!names.has(name)) this.#estimates.delete(name);
  }

  /** Ends all checks without a word. */
  close(): void {
    if (this.#start !== undefined) this.#start.over = true;
    this.#start = undefined;
    if (this.#running !== undefined) {
      this.#running.abandoned = true;
      this.#running.round.abandon();
    }
    for (const asked of this.#asked) asked.abandon();
    this.#asked.clear();
    this.#bound.release();
  }

  #wait(): void {
    const start = this.#start;
    if (start === undefined || this.#running !== undefined) return;
    if (start.dueAt <= this.#parts.now()) this.#begin();
    else this.#parts.deadlines.add(start);
  }

  #begin(): void {
    const plan = this.#start?.plan;
    if (plan === undefined || this.#running !== undefined) return; // its end looks for the plan
    if (this.#start !== undefined) this.#start.over = true;
    this.#start = undefined;
    this.#begunPlanAt = plan.at;
    const scenarios = this.#inRound(plan);
    const startedAt = this.#parts.now();
    const round = new Round({
      scenarios,
      required: required(this.#settings.requiredSuccessful, scenarios.length),
      burst: plan.burst,
      ask: (scenario, settle) =>
        this.#ask(scenario, settle, (rttMs) => this.#late(begun, scenario.name, rttMs)),
      finish: (result, targets) => this.#finish(begun, result, targets),
    });
    const begun: Begun = { startedAt, round, verdict: undefined, early: [], abandoned: false };
    this.#running = begun;
    if (scenarios.length > 0) round.start();
    else this.#finish(begun, notRun(`no test scenario can run in IPv${this.#settings.family}`), []);
    this.#trySetAside(plan, startedAt);
  }

  /** The scenarios to ask, shuffled. When all are set aside there is nothing better to ask than them. */
  #inRound({ setAside }: CheckPlan): TestScenario[] {
    const all = this.#settings.scenarios;
    const alive = setAside.size === 0 ? all : all.filter(({ name }) => !setAside.has(name));
    return shuffled(alive.length === 0 ? all : alive, this.#parts.random);
  }

  #ask(scenario: TestScenario, settle: (result: TestResult) => void, late: (rttMs: number) => void): void {
    const { provider, family, nameservers } = this.#settings;
    const asked = ask(scenario, {
      provider,
      family,
      binding: this.binding,
      bound: this.#bound,
      nameservers,
      names: this.#names,
      timeoutMs: this.#timeoutMs(scenario),
      deadlines: this.#parts.deadlines,
      now: this.#parts.now,
      settle: (result, tookMs) => {
        this.#asked.delete(asked);
        if (result.ok) this.#learn(scenario.name, scenario.isOneRoundTrip ? result.rttMs : tookMs);
        settle(result);
      },
      late: (rttMs) => {
        this.#learn(scenario.name, rttMs); // or a target that became slow would be overdue for ever
        late(rttMs);
      },
    });
    this.#asked.add(asked);
  }

  /** How long a run of a scenario may take: what it says itself, else what it usually takes. */
  #timeoutMs(scenario: TestScenario): number {
    const { checkTimeoutMs } = this.#settings;
    if (scenario.timeoutMs !== undefined) return scenario.timeoutMs;
    const usualMs = scenario.isOneRoundTrip
      ? this.#usualMs(scenario.name)
      : severalTripsMs(this.#estimates.get(scenario.name), checkTimeoutMs);
    return Math.min(usualMs + this.#parts.echo.overheadMs, checkTimeoutMs);
  }

  /** A target that never answered yet is given as long as the slowest of the others of its kind. */
  #usualMs(target: string): number {
    const own = this.#estimates.get(target);
    const others = this.#settings.scenarios
      .filter(({ isOneRoundTrip }) => isOneRoundTrip)
      .flatMap(({ name }) => this.#estimates.get(name) ?? []);
    if (own !== undefined || others.length === 0) return deadlineMs(own, this.#settings);
    return Math.max(...others.map((other) => deadlineMs(other, this.#settings)));
  }

  #learn(target: string, rttMs: number): void {
    this.#estimates.set(target, addSample(this.#estimates.get(target), rttMs));
  }

  #finish(begun: Begun, result: TestResult, ofRound: readonly TargetResult[]): void {
    const targets = [...ofRound, ...this.#tried.splice(0)];
    begun.verdict = { ok: result.ok, targets: ofRound };
    this.#running = undefined;
    const { startedAt } = begun;
    const fault = result.ok || result.notRun ? undefined : faultOf(ofRound, this.#settings.scenarios);
    const seen = { result, targets, ...(fault === undefined ? {} : { fault }) };
    this.#parts.emit({ type: 'check', at: this.#parts.now(), startedAt, path: this.#path, ...seen });
    for (const { target, rttMs } of begun.early) this.#late(begun, target, rttMs);
    this.#wait();
  }

  #late(begun: Begun, target: string, rttMs: number): void {
    const { startedAt, verdict } = begun;
    if (begun.abandoned) return;
    if (verdict === undefined) {
      begun.early.push({ target, rttMs }); // the round must be known before it can be corrected
      return;
    }
    const counted = verdict.targets.some((other) => other.target === target && !other.result.ok);
    if (verdict.ok && !counted) return;
    this.#parts.emit({ type: 'late', at: this.#parts.now(), startedAt, path: this.#path, target, rttMs });
  }

  /** Asks, beside the round, the targets that were set aside and not tried lately. Told with the next round that ends. */
  #trySetAside({ setAside }: CheckPlan, now: Instant): void {
    for (const name of this.#triedAt.keys()) if (!setAside.has(name)) this.#triedAt.delete(name);
    if (setAside.size === 0) return;
    const dead = this.#settings.scenarios.filter(({ name }) => setAside.has(name));
    if (dead.length === this.#settings.scenarios.length) return; // they are the round
    for (const scenario of dead) {
      const triedAt = this.#triedAt.get(scenario.name);
      if (triedAt !== undefined && now - triedAt < setAsideTryMs) continue;
      this.#triedAt.set(scenario.name, now);
      if (triedAt === undefined) continue; // it has only just failed
      const settle = (result: TestResult) => void this.#tried.push({ target: scenario.name, result });
      this.#ask(scenario, settle, () => undefined); // still too late to be of use
    }
  }
}

function required(wanted: number | 'all', count: number): number {
  return wanted === 'all' ? count : Math.min(wanted, count);
}

/** A shuffled copy (Fisher-Yates). */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T]; // both indexes are within the array
  }
  return copy;
}
