import type { IsolatedScenario, OwnCode } from '../../../models/isolated-scenario.ts';
import type { Provider } from '../../../models/provider.ts';
import type { Probe } from '../../../models/test-scenario.ts';
import type { Report } from './own-messages.ts';
import { OwnRun } from './own-run.ts';
import { OwnThread } from './own-thread.ts';
import { SetAside } from './set-aside.ts';

/** A thread that has not reported a run's end this long after its deadline may hang. */
const slackMs = 250;

/** How long a thread that may hang has to give a sign of life. */
const answerMs = 1000;

/** How long the code of a configuration may take to load. */
const loadMs = 10_000;

const repeatMs = 60_000; // the same complaint is made at most once in this time
const everything = ''; // the key of all the code's scenarios in what is set aside

/** What own scenarios are run with. */
export interface OwnParts {
  /** Reports what the operator should know, such as a scenario that was set aside. */
  complain(sentence: string): void;
  now(): number;
}

/**
 * Runs the scenarios of one configuration's own code in a thread. One that hangs or ends the thread is set aside for a
 * while; the thread is restarted, and the others go on.
 */
export class OwnScenarios {
  readonly #code: OwnCode;
  readonly #parts: OwnParts;
  readonly #aside = new SetAside();
  readonly #scenarios: IsolatedScenario[] = []; // by their numbers in the thread
  readonly #runs = new Map<number, OwnRun>(); // running
  readonly #complaints = new Set<string>();
  #thread: OwnThread | undefined;
  #isReady = false;
  #loading: NodeJS.Timeout | undefined;
  #isSuspected = false;
  #lastRun = 0;

  constructor(code: OwnCode, parts: OwnParts) {
    this.#code = code;
    this.#parts = parts;
  }

  /** Starts the thread, so that the first run need not wait for it. */
  start(): void {
    if (this.#thread !== undefined || this.#aside.why(everything, this.#parts.now()) !== undefined) return;
    const thread = new OwnThread(this.#code, {
      report: (report) => this.#hear(report),
      ended: (reason) => this.#fault(thread.running, reason),
    });
    this.#thread = thread;
    const late = (): void => this.#fault(undefined, `did not finish loading within ${loadMs / 1000} s`);
    this.#loading = setTimeout(late, loadMs).unref();
  }

  /** Runs one of them once. The caller waits until its deadline; the result is not validated yet. */
  async run(scenario: IsolatedScenario, provider: Provider, probe: Probe): Promise<unknown> {
    this.#lastRun += 1;
    const id = this.#lastRun;
    const run = new OwnRun({ run: id, scenario: this.#numberOf(scenario), provider, probe });
    const now = this.#parts.now();
    const why = this.#aside.why(everything, now) ?? this.#aside.why(keyOf(scenario), now);
    if (why !== undefined) run.end(`set aside for a while: ${why}`);
    else this.#begin(id, run);
    return run.result;
  }

  /** Ends the thread and its runs. */
  close(): void {
    this.#runs.clear();
    this.#endThread();
  }

  #begin(id: number, run: OwnRun): void {
    this.start();
    this.#runs.set(id, run);
    const { signal, timeoutMs } = run.probe;
    signal.addEventListener('abort', () => this.#thread?.send({ type: 'deadline', run: id }), { once: true });
    const timer = setTimeout(() => {
      this.#runs.delete(id);
      this.#thread?.send({ type: 'over', run: id });
      void this.#suspect(run);
    }, timeoutMs + slackMs).unref();
    run.result.finally(() => clearTimeout(timer)).catch(() => undefined); // the caller of `run` gets it
    if (this.#isReady) this.#send(run);
  }

  #send(run: OwnRun): void {
    this.#thread?.send(run.order(this.#scenarios[run.scenario]?.place ?? []));
  }

  #hear(report: Report): void {
    switch (report.type) {
      case 'ready':
        clearTimeout(this.#loading);
        this.#isReady = true;
        for (const run of this.#runs.values()) this.#send(run);
        break;
      case 'result':
        this.#runs.get(report.run)?.settle(report.outcome);
        this.#runs.delete(report.run);
        break;
      case 'call':
      case 'write':
      case 'close':
        this.#runs.get(report.run)?.hear(report, (answer) => this.#thread?.send(answer));
        break;
      case 'rejection':
        this.#complainOnce(report.sentence);
        break;
      case 'fault':
        this.#fault(report.scenario, report.what);
        break;
      case 'unusable':
        this.#fault(undefined, `cannot be loaded: ${report.reason}`);
        break;
      case 'there':
        break; // of no concern here
      default:
        report satisfies never;
    }
  }

  #endThread(): void {
    clearTimeout(this.#loading);
    this.#thread?.close();
    this.#thread = undefined;
    this.#isReady = false;
  }

  /** A run is overdue, and its thread has not reported its end: it waits forever, or the thread hangs. */
  async #suspect(run: OwnRun): Promise<void> {
    const thread = this.#thread;
    if (this.#isSuspected || thread === undefined || !this.#isReady) return;
    this.#isSuspected = true;
    const isThere = await thread.isThere(answerMs);
    this.#isSuspected = false;
    if (isThere || thread !== this.#thread) return;
    const seconds = (run.probe.timeoutMs + slackMs + answerMs) / 1000;
    this.#fault(thread.running ?? run.scenario, `kept its thread busy for more than ${seconds.toFixed(1)} s`);
  }

  /** A scenario did harm, or, if it is not known which, the code as a whole. */
  #fault(number: number | undefined, what: string): void {
    this.#endThread();
    const culprit = number === undefined ? undefined : this.#scenarios[number];
    const subject = culprit === undefined ? `the code of ${this.#code.file}` : `the scenario ${culprit.name}`;
    const key = culprit === undefined ? everything : keyOf(culprit);
    const forMs = this.#aside.add(key, `${subject} ${what}`, this.#parts.now());
    for (const run of this.#runs.values())
      run.end(
        culprit === undefined || run.scenario === number ? what : `its thread ended: ${subject} ${what}`,
      );
    this.#runs.clear();
    const aside = culprit === undefined ? 'its scenarios are' : 'it is';
    this.#parts.complain(`${subject} ${what}; ${aside} set aside for ${forMs / 1000} s, the others go on`);
    this.start();
  }

  #complainOnce(sentence: string): void {
    if (this.#complaints.has(sentence)) return;
    this.#complaints.add(sentence);
    setTimeout(() => this.#complaints.delete(sentence), repeatMs).unref();
    this.#parts.complain(sentence);
  }

  #numberOf(scenario: IsolatedScenario): number {
    const known = this.#scenarios.findIndex((each) => keyOf(each) === keyOf(scenario));
    return known >= 0 ? known : this.#scenarios.push(scenario) - 1;
  }
}

function keyOf({ place }: IsolatedScenario): string {
  return JSON.stringify(place);
}
