import type { CheckPlan } from '../../../models/check-plan.ts';
import type { TargetResult } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Binding, PathKey } from '../../../models/path.ts';
import { isNotRun, type Success, type TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { notRun } from '../../reach/failure.ts';
import type { Expiring } from '../deadlines.ts';
import type { PathSettings } from '../path-settings.ts';
import { faultOf } from './fault.ts';
import { type CheckParts, type OnResult, PathScenarios } from './path-scenarios.ts';
import { Round } from './round.ts';
import { SampledPackets } from './sampled-packets.ts';

/** A round that has begun, and its outcome. */
interface Begun {
  readonly startedAt: Instant;
  readonly round: Round;
  verdict: { readonly ok: boolean; readonly targets: readonly TargetResult[] } | undefined;
  readonly early: { readonly target: string; readonly answer: Success }[]; // late answers that came before the verdict
  readonly answered: Set<string>; // targets that answered too late
  readonly sampled: Set<string>; // targets to which it sent a packet before it knew anything
  abandoned: boolean;
}

/** How often a target that was set aside is retried. */
const setAsideTryMs = 10_000;

/**
 * The checks of one path while it keeps its binding: waits for the planned instant, runs a round, reports it,
 * and repeats.
 */
export class PathChecks {
  readonly binding: Binding;
  readonly #path: PathKey;
  readonly #parts: CheckParts;
  readonly #scenarios: PathScenarios;
  readonly #triedAt = new Map<string, Instant>(); // targets set aside, by name
  readonly #tried: TargetResult[] = []; // results from outside and after rounds, not yet reported
  readonly #packets = new SampledPackets();
  #unanswered = 0; // of rounds that passed, not yet reported
  #settings: PathSettings;
  #start: (Expiring & { plan: CheckPlan; over: boolean }) | undefined;
  #begunPlanAt: Instant | undefined;
  #running: Begun | undefined;

  constructor(path: PathKey, binding: Binding, settings: PathSettings, parts: CheckParts) {
    this.#path = path;
    this.binding = binding;
    this.#settings = settings;
    this.#parts = parts;
    this.#scenarios = new PathScenarios(binding, settings, parts);
  }

  /** Replaces the plan for the next check. One for the same instant as the last plan is a repetition, and ignored. */
  plan(plan: CheckPlan): void {
    if (plan.at === this.#begunPlanAt) return;
    if (this.#start !== undefined) this.#start.over = true;
    const { at, slackMs = 0 } = plan;
    this.#start = { plan, dueAt: at, slackMs, over: false, expire: () => this.#begin() };
    this.#wait();
  }

  /** Takes effect with the next round. */
  configure(settings: PathSettings): void {
    this.#settings = settings;
    this.#scenarios.configure(settings);
  }

  /** Ends all checks, and reports nothing more. */
  close(): void {
    if (this.#start !== undefined) this.#start.over = true;
    this.#start = undefined;
    if (this.#running !== undefined) {
      this.#running.abandoned = true;
      this.#running.round.abandon();
    }
    this.#scenarios.close();
  }

  #wait(): void {
    const start = this.#start;
    if (start === undefined || this.#running !== undefined) return;
    if (start.dueAt <= this.#parts.now()) this.#begin();
    else this.#parts.deadlines.add(start);
  }

  #begin(): void {
    const plan = this.#start?.plan;
    if (plan === undefined || this.#running !== undefined) return; // the end of the round looks for the plan
    if (this.#start !== undefined) this.#start.over = true;
    this.#start = undefined;
    this.#begunPlanAt = plan.at;
    if (plan.usual !== undefined) this.#scenarios.expect(plan.usual);
    const startedAt = this.#parts.now();
    const { regular, slow } = this.#inRound(plan);
    const round = new Round({
      scenarios: shuffled(regular, this.#parts.random),
      slow: slow.map((scenario) => ({ scenario, lastResult: this.#scenarios.lastOf(scenario) })),
      needed: this.#settings.requiredSuccessful,
      burst: plan.burst,
      run: (scenario, onResult, isSample) => {
        if (isSample && SampledPackets.countsFor(scenario, regular)) begun.sampled.add(scenario.name);
        this.#runFor(begun, scenario, onResult);
      },
      onResult: (result, targets, earlier) => this.#finish(begun, result, { targets, earlier }),
    });
    const begun: Begun = {
      startedAt,
      round,
      verdict: undefined,
      early: [],
      answered: new Set(),
      sampled: new Set(),
      abandoned: false,
    };
    this.#running = begun;
    if (regular.length > 0) round.start();
    else {
      const result = notRun(`no test scenario can run in IPv${this.#settings.family}`);
      this.#finish(begun, result, { targets: [], earlier: [] });
    }
    this.#runDue(slow, plan, startedAt);
    this.#trySetAside(plan, startedAt);
  }

  /**
   * The scenarios that each round runs, and those run less often. When all of the former are set aside, the latter run
   * instead, and when these are set aside too, all of them.
   */
  #inRound({ setAside }: CheckPlan): Record<'regular' | 'slow', readonly TestScenario[]> {
    const { scenarios: all, checkIntervalMs } = this.#settings;
    const left = setAside.size === 0 ? all : all.filter(({ name }) => !setAside.has(name));
    const alive = left.length === 0 ? all : left;
    const slow = alive.filter(({ everyMs = 0 }) => everyMs > checkIntervalMs);
    if (slow.length === 0 || slow.length === alive.length) return { regular: alive, slow: [] };
    return { regular: alive.filter((scenario) => !slow.includes(scenario)), slow };
  }

  /**
   * Runs a scenario as part of a round. A result after the round has failed is also reported, since it may show what is
   * to blame; so is every result of the scenarios run less often.
   */
  #runFor(begun: Begun, scenario: TestScenario, onResult: OnResult): void {
    const { name, everyMs } = scenario;
    const onRun: OnResult = (result, isNews) => {
      if (begun.sampled.has(name)) this.#packets.settle(begun.startedAt, name, result);
      const isOver = begun.verdict !== undefined && !begun.abandoned;
      if (isOver && begun.verdict?.ok && !result.ok && result.code === 'no-answer') this.#unanswered += 1;
      if (isOver && (everyMs !== undefined || !begun.verdict?.ok)) this.#tried.push({ target: name, result });
      onResult(result, isNews);
    };
    this.#scenarios.run(scenario, onRun, (answer) => this.#late(begun, name, answer));
  }

  /** Runs a scenario outside the round. Reported with the next round that ends; a late answer is ignored. */
  #runOutside(scenario: TestScenario): void {
    const onResult: OnResult = (result) => void this.#tried.push({ target: scenario.name, result });
    this.#scenarios.run(scenario, onResult, () => undefined);
  }

  /** Runs those with an interval of their own that are due. Those without a result yet are part of the round. */
  #runDue(slow: readonly TestScenario[], { slowdown = 1 }: CheckPlan, now: Instant): void {
    for (const scenario of slow)
      if (this.#scenarios.isDue(scenario, now, slowdown)) this.#runOutside(scenario);
  }

  #finish(
    begun: Begun,
    result: TestResult,
    found: Record<'targets' | 'earlier', readonly TargetResult[]>,
  ): void {
    const isNew = ({ target }: TargetResult) => !found.targets.some((other) => other.target === target);
    const targets = [...found.targets, ...this.#tried.splice(0).filter(isNew)];
    begun.verdict = { ok: result.ok, targets: found.targets };
    this.#running = undefined;
    const { startedAt } = begun;
    const fault =
      result.ok || isNotRun(result)
        ? undefined
        : faultOf([...found.targets, ...found.earlier], this.#settings.scenarios);
    const bytes = this.#scenarios.takeBytes();
    const packets = this.#packets.take(startedAt);
    const unanswered = this.#unanswered;
    this.#unanswered = 0;
    const seen = {
      ...{ result, targets, bytes },
      ...(unanswered === 0 ? {} : { unanswered }),
      ...(packets.length === 0 ? {} : { packets }),
      ...(fault === undefined ? {} : { fault }),
    };
    this.#parts.emit({ type: 'check', at: this.#parts.now(), startedAt, path: this.#path, ...seen });
    for (const { target, answer } of begun.early) this.#late(begun, target, answer);
    this.#wait();
  }

  #late(begun: Begun, target: string, answer: Success): void {
    const { startedAt, verdict } = begun;
    if (begun.abandoned) return;
    if (this.#packets.answer(startedAt, target)) begun.sampled.delete(target); // not reported as lost
    if (verdict === undefined) {
      begun.early.push({ target, answer }); // the round must be reported before it can be corrected
      return;
    }
    const counted = verdict.targets.some((other) => other.target === target && !other.result.ok);
    const changesNothing = verdict.ok ? !counted : !begun.round.passesWith(begun.answered.add(target));
    if (changesNothing && !begun.sampled.has(target)) return;
    const { ok: _, ...took } = answer;
    const late = {
      type: 'late',
      at: this.#parts.now(),
      startedAt,
      path: this.#path,
      target,
      ...took,
    } as const;
    this.#parts.emit(changesNothing ? { ...late, ofPacketOnly: true } : late);
  }

  /** Retries, outside the round, targets set aside and not tried lately. Reported with the next round that ends. */
  #trySetAside({ setAside, slowdown = 1 }: CheckPlan, now: Instant): void {
    for (const name of this.#triedAt.keys()) if (!setAside.has(name)) this.#triedAt.delete(name);
    if (setAside.size === 0) return;
    const dead = this.#settings.scenarios.filter(({ name }) => setAside.has(name));
    if (dead.length === this.#settings.scenarios.length) return; // they make up the round
    for (const scenario of dead) {
      const triedAt = this.#triedAt.get(scenario.name);
      const everyMs = Math.max(setAsideTryMs, scenario.everyMs ?? 0) * slowdown;
      if (triedAt !== undefined && now - triedAt < everyMs) continue;
      this.#triedAt.set(scenario.name, now);
      if (triedAt !== undefined) this.#runOutside(scenario); // otherwise it has only just failed
    }
  }
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
