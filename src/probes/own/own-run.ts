import { messageOf } from '../../../models/message-of.ts';
import type { Connection } from '../../../models/primitives.ts';
import type { Provider } from '../../../models/provider.ts';
import type { Probe } from '../../../models/test-scenario.ts';
import { notRun } from '../../reach/failure.ts';
import { ReachError } from '../../reach/reach-error.ts';
import type { Call, Order, Outcome, Report } from './own-messages.ts';

/** What a run of a scenario in another thread is made of. */
export interface OwnRunParts {
  readonly run: number;
  readonly scenario: number;
  readonly provider: Provider;
  readonly probe: Probe;
}

/** One run, as the main thread sees it: carries out the calls to its probe, and waits for its result. */
export class OwnRun {
  readonly scenario: number;
  readonly provider: Provider;
  readonly probe: Probe;
  readonly result: Promise<unknown>;
  readonly #run: number;
  readonly #connections = new Map<number, Connection>();
  #settle: (outcome: Outcome) => void = () => undefined;

  constructor({ run, scenario, provider, probe }: OwnRunParts) {
    this.#run = run;
    this.scenario = scenario;
    this.provider = provider;
    this.probe = probe;
    this.result = new Promise((resolve, reject) => {
      this.#settle = (outcome) => ('value' in outcome ? resolve(outcome.value) : reject(errorOf(outcome)));
    });
  }

  /** The order that starts it. */
  order(place: readonly (string | number)[]): Order {
    const { family, binding, timeoutMs } = this.probe;
    const provider = { ...this.provider, testScenarios: undefined }; // data without code
    const deviceMtu = outcomeOf(() => this.probe.deviceMtu);
    const { scenario } = this;
    return { type: 'run', run: this.#run, scenario, place, provider, family, binding, timeoutMs, deviceMtu };
  }

  settle(outcome: Outcome): void {
    this.#settle(outcome);
  }

  /** Ends it as not run. */
  end(reason: string): void {
    this.#settle({ value: notRun(reason) });
  }

  /** Carries out a request. `answer` is never called if the run is over by then. */
  hear(report: Extract<Report, { type: 'call' | 'write' | 'close' }>, answer: (order: Order) => void): void {
    if (report.type === 'write') this.#connections.get(report.connection)?.write(report.data);
    else if (report.type === 'close') this.#connections.get(report.connection)?.close();
    else {
      const { run, call } = report;
      this.#do(report.what, call).then(
        (value) => answer({ type: 'answer', run, call, outcome: { value } }),
        (error: unknown) => answer({ type: 'answer', run, call, outcome: thrown(error) }),
      );
    }
  }

  async #do(what: Call, call: number): Promise<unknown> {
    if ('read' in what) return this.#connections.get(what.read)?.read();
    // A scenario is code that no compiler has seen: each primitive validates its arguments, as it does in our
    // own thread.
    const ask = this.probe[what.primitive] as (...args: readonly unknown[]) => Promise<unknown>;
    const value = await ask.apply(this.probe, [...what.args]);
    if (what.primitive !== 'connect') return value;
    const connection = value as Connection; // of `connect`
    this.#connections.set(call, connection);
    return { address: connection.address, rttMs: connection.rttMs };
  }
}

function outcomeOf(ask: () => unknown): Outcome {
  try {
    return { value: ask() };
  } catch (error) {
    return thrown(error);
  }
}

function thrown(error: unknown): Outcome {
  const message = messageOf(error);
  return { error: { message, ...(error instanceof ReachError ? { failure: error.failure } : {}) } };
}

/** A primitive's failure that the scenario did not catch is its result; anything else is a mistake in the scenario. */
function errorOf({ error }: Extract<Outcome, { error: unknown }>): Error {
  return error.failure === undefined ? new Error(error.message) : new ReachError(error.failure);
}
