import { messageOf } from '../../../models/message-of.ts';
import type { Connection } from '../../../models/primitives.ts';
import type { Failure } from '../../../models/test-result.ts';
import type { Probe } from '../../../models/test-scenario.ts';
import {
  type Call,
  type OpenedConnection,
  type Outcome,
  type Primitive,
  primitives,
  type Report,
  type RunOrder,
} from './own-messages.ts';

/** Why a primitive failed: the main thread's message, and the result it means. */
class DistantError extends Error {
  readonly failure: Failure | undefined;

  constructor(message: string, failure: Failure | undefined) {
    super(message);
    this.failure = failure;
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The probe of one run, in the thread of the operator's code: it has the main thread do the work. */
export class DistantProbe {
  readonly probe: Probe;
  readonly #order: RunOrder;
  readonly #report: (report: Report) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #deadline = new AbortController();
  #calls = 0;

  constructor(order: RunOrder, report: (report: Report) => void) {
    this.#order = order;
    this.#report = report;
    this.probe = this.#makeProbe();
  }

  /** Takes the outcome of one of its calls. */
  answer(call: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if ('value' in outcome) waiting?.resolve(outcome.value);
    else waiting?.reject(errorOf(outcome));
  }

  /** The run's deadline: its signal aborts. */
  expire(): void {
    this.#deadline.abort();
  }

  #makeProbe(): Probe {
    const { family, binding, timeoutMs, deviceMtu } = this.#order;
    const callerOf = (primitive: Primitive) => [
      primitive,
      (...args: readonly unknown[]) => this.#call({ primitive, args }).promise,
    ];
    const calls = Object.fromEntries(primitives.map(callerOf)) as unknown as Pick<Probe, Primitive>; // every primitive
    return {
      ...calls,
      family,
      binding,
      timeoutMs,
      signal: this.#deadline.signal,
      get deviceMtu(): number {
        if ('error' in deviceMtu) throw errorOf(deviceMtu);
        return Number(deviceMtu.value);
      },
      connect: (host, port, options) => {
        const { call, promise } = this.#call({ primitive: 'connect', args: [host, port, options] });
        return handled(promise.then((opened) => this.#connection(call, opened as OpenedConnection)));
      },
    };
  }

  #connection(connection: number, { address, rttMs }: OpenedConnection): Connection {
    const { run } = this.#order;
    return {
      address,
      rttMs,
      read: () => this.#call({ read: connection }).promise as Promise<string>,
      write: (data) => this.#report({ type: 'write', run, connection, data }),
      close: () => this.#report({ type: 'close', run, connection }),
    };
  }

  #call(what: Call): { readonly call: number; readonly promise: Promise<unknown> } {
    this.#calls += 1;
    const call = this.#calls;
    const promise = new Promise((resolve, reject) => {
      this.#report({ type: 'call', run: this.#order.run, call, what }); // throws for functions, which cannot be sent
      this.#waiting.set(call, { resolve, reject });
    });
    return { call, promise: handled(promise) };
  }
}

/** A promise whose rejection does no harm if the scenario does not await it. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** An error in the form that crosses between threads. */
export function outcomeOf(error: unknown): Outcome {
  const message = messageOf(error);
  const failure = error instanceof DistantError ? error.failure : undefined;
  return { error: { message, ...(failure === undefined ? {} : { failure }) } };
}

function errorOf({ error }: Extract<Outcome, { error: unknown }>): Error {
  return new DistantError(error.message, error.failure);
}
