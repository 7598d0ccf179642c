import type { DiagnosisPlan } from '../../../models/check-plan.ts';
import type { Config } from '../../../models/config.ts';
import type { DiagnosisEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { PathMtu } from '../../../models/layer.ts';
import { type Binding, type PathKey, sameBinding } from '../../../models/path.ts';
import type { TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { NameCache } from '../../reach/dns/name-cache.ts';
import { notRun } from '../../reach/failure.ts';
import { Deadlines, type Expiring } from '../deadlines.ts';
import type { Echo } from '../echo/echo.ts';
import { type PathSettings, settingsByPath } from '../path-settings.ts';
import { runScenario } from '../rounds/run-scenario.ts';
import { measureMtu } from './measure-mtu.ts';
import { probeGateway } from './probe-gateway.ts';

/** Finds out, apart from the checks, which layer of a path is broken. Nothing waits for its answers. */
export interface Diagnosis {
  /**
   * Replaces the plan for a path's next question; `undefined` ends them. A running one goes on unless the
   * binding changed.
   */
  schedule(path: PathKey, plan: DiagnosisPlan | undefined): void;
  /** Takes effect with the next questions. */
  configure(config: Config): void;
  /** Both questions at once, now. */
  once(path: PathKey, binding: Binding): Promise<Pick<DiagnosisEvent, 'gateway' | 'mtu'>>;
  /** Ends everything without reporting. */
  close(): void;
}

/** What a diagnosis works with. */
export interface DiagnosisParts {
  readonly config: Config;
  readonly echo: Echo;
  emit(event: DiagnosisEvent): void;
  now(): Instant;
}

/** A diagnosis without questions yet. */
export function createDiagnosis({ config, echo, emit, now }: DiagnosisParts): Diagnosis {
  const deadlines = new Deadlines(now);
  const open = new Map<PathKey, Questions>();
  let known = settingsByPath(config);

  const begin = (path: PathKey, binding: Binding): Questions | undefined => {
    const about = known.get(path);
    return about && new Questions({ path, binding, deadlines, echo, emit, now, about: () => about });
  };
  const end = (path: PathKey): void => {
    open.get(path)?.close();
    open.delete(path);
  };
  return {
    schedule(path, plan) {
      const present = open.get(path);
      if (plan === undefined) return end(path);
      if (present !== undefined && sameBinding(present.binding, plan.binding)) return present.plan(plan);
      end(path);
      const fresh = begin(path, plan.binding);
      if (fresh === undefined) return;
      open.set(path, fresh);
      fresh.plan(plan);
    },
    configure(next) {
      known = settingsByPath(next);
      for (const path of open.keys()) end(path);
    },
    async once(path, binding) {
      const questions = begin(path, binding);
      if (questions === undefined) throw new Error(`${path} is not a path of this configuration`);
      try {
        const [gateway, mtu] = await Promise.all([
          questions.ask('gateway', config.checkTimeoutMs),
          questions.ask('mtu', config.checkTimeoutMs),
        ]);
        return { ...gateway, ...mtu };
      } finally {
        questions.close();
      }
    },
    close() {
      for (const path of open.keys()) end(path);
      deadlines.clear();
    },
  };
}

interface QuestionParts extends Omit<DiagnosisParts, 'config'> {
  readonly path: PathKey;
  readonly binding: Binding;
  readonly deadlines: Deadlines;
  about(): PathSettings;
}

/** The questions about one path while it keeps its binding. */
class Questions {
  readonly #parts: QuestionParts;
  readonly #bound: ReturnType<Echo['bind']>;
  readonly #names = new NameCache();
  #waiting: (Expiring & { plan: DiagnosisPlan; over: boolean }) | undefined;
  #isAsking = false;
  #isClosed = false;
  #bytes = 0; // spent, not yet reported

  constructor(parts: QuestionParts) {
    this.#parts = parts;
    this.#bound = parts.echo.bind(parts.about().family, parts.binding);
  }

  get binding(): Binding {
    return this.#parts.binding;
  }

  /** Replaces the plan. Ignored while a question is running: its answer leads to the next plan. */
  plan(plan: DiagnosisPlan): void {
    const waiting = this.#waiting;
    if (waiting?.plan.at === plan.at && waiting.plan.ask === plan.ask) return;
    if (waiting !== undefined) waiting.over = true;
    this.#waiting = undefined;
    if (this.#isAsking) return;
    if (plan.at <= this.#parts.now()) return void this.#begin(plan);
    this.#waiting = { plan, dueAt: plan.at, over: false, expire: () => void this.#begin(plan) };
    this.#parts.deadlines.add(this.#waiting);
  }

  async ask(
    what: DiagnosisPlan['ask'],
    timeoutMs: number,
  ): Promise<{ readonly gateway: TestResult } | { readonly mtu?: PathMtu }> {
    const { binding, about } = this.#parts;
    const run = (scenario: TestScenario, forMs: number) => this.#run(scenario, forMs);
    if (what === 'gateway') return { gateway: await probeGateway(about().family, binding, timeoutMs, run) };
    const mtu = await measureMtu(about(), binding, timeoutMs, run);
    return mtu === undefined ? {} : { mtu };
  }

  close(): void {
    this.#isClosed = true;
    if (this.#waiting !== undefined) this.#waiting.over = true;
    this.#bound.release();
  }

  async #begin({ ask: asked, timeoutMs }: DiagnosisPlan): Promise<void> {
    const { path, now, emit } = this.#parts;
    this.#waiting = undefined;
    this.#isAsking = true;
    const startedAt = now();
    const found = await this.ask(asked, timeoutMs);
    this.#isAsking = false;
    const bytes = this.#bytes;
    this.#bytes = 0;
    if (!this.#isClosed) emit({ type: 'diagnosis', at: now(), startedAt, path, asked, bytes, ...found });
  }

  #run(scenario: TestScenario, timeoutMs: number): Promise<TestResult> {
    if (this.#isClosed) return Promise.resolve(notRun('the question was abandoned'));
    const { binding, deadlines, now, about } = this.#parts;
    const { provider, family, nameservers } = about();
    const shared = { provider, family, binding, bound: this.#bound, nameservers, names: this.#names };
    return new Promise((resolve) => {
      const onResult = (result: TestResult): void => resolve(result);
      const spend = (bytes: number): void => {
        this.#bytes += bytes;
      };
      runScenario(scenario, {
        ...shared,
        timeoutMs,
        deadlines,
        now,
        onResult,
        spend,
        onLate: () => undefined, // too late to be of use
      });
    });
  }
}
