/** The messages between the main thread and the one in which an operator's own scenarios run. */
import type { OwnCode, Place } from '../../../models/isolated-scenario.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import type { Failure } from '../../../models/test-result.ts';

/** The data that the thread starts with. */
export interface OwnThreadData {
  readonly code: OwnCode;
  /** One shared number: the scenario whose code is running at this moment, or `noScenario`. */
  readonly running: Int32Array;
}

/** The number in `running` while no scenario's code runs. */
export const noScenario = -1;

/** The primitives of a probe that the main thread carries out. */
export const primitives = ['echo', 'connect', 'fetch', 'resolve', 'query', 'neighbour', 'exec'] as const;
export type Primitive = (typeof primitives)[number];

/** Why something failed. `failure`: the result it means, if any. */
export interface Thrown {
  readonly message: string;
  readonly failure?: Failure;
}

/** A value, or an error. */
export type Outcome = { readonly value: unknown } | { readonly error: Thrown };

/** One run of a scenario. */
export interface RunOrder {
  readonly type: 'run';
  readonly run: number;
  readonly scenario: number; // names it in reports to the main thread
  readonly place: Place;
  readonly provider: Provider; // without its scenarios
  readonly family: Family;
  readonly binding: Binding;
  readonly timeoutMs: number;
  readonly deviceMtu: Outcome;
}

/** To the thread. `deadline`: of a run; `still-there`: asks for a sign of life. */
export type Order =
  | RunOrder
  | { readonly type: 'answer'; readonly run: number; readonly call: number; readonly outcome: Outcome }
  | { readonly type: 'deadline' | 'over'; readonly run: number }
  | { readonly type: 'still-there' };

/** What a run has the main thread do: a primitive, or reading from a connection that `connect` opened. */
export type Call =
  | { readonly primitive: Primitive; readonly args: readonly unknown[] }
  | { readonly read: number };

/**
 * From the thread. `fault`: an uncaught error, or code that ended the thread; of which scenario, if known.
 * `rejection`: an unhandled rejection, which does no harm.
 */
export type Report =
  | { readonly type: 'ready' | 'there' }
  | { readonly type: 'unusable'; readonly reason: string }
  | { readonly type: 'call'; readonly run: number; readonly call: number; readonly what: Call }
  | {
      readonly type: 'write';
      readonly run: number;
      readonly connection: number;
      readonly data: string | Uint8Array;
    }
  | { readonly type: 'close'; readonly run: number; readonly connection: number }
  | { readonly type: 'result'; readonly run: number; readonly outcome: Outcome }
  | { readonly type: 'fault'; readonly scenario: number | undefined; readonly what: string }
  | { readonly type: 'rejection'; readonly sentence: string };

/** A connection as the thread knows it: by the call that opened it. */
export interface OpenedConnection {
  readonly address: string;
  readonly rttMs: number;
}
