/** What passes between the main thread and the one in which an operator's own scenarios run. */
import type { OwnCode, Place } from '../../../models/isolated-scenario.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import type { Failure } from '../../../models/test-result.ts';

/** What the thread is started with. */
export interface OwnThreadData {
  readonly code: OwnCode;
  /** One number, shared: the scenario whose code runs this very moment, or `noScenario`. */
  readonly running: Int32Array;
}

/** The number in `running` while none of the scenarios runs. */
export const noScenario = -1;

/** The primitives of a probe that are asked of the main thread. */
export const primitives = ['echo', 'connect', 'fetch', 'resolve', 'query', 'neighbour', 'exec'] as const;
export type Primitive = (typeof primitives)[number];

/** Why something failed: `failure`, where a result can be made of it. */
export interface Thrown {
  readonly message: string;
  readonly failure?: Failure;
}

/** What something came to. */
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

/** To the thread. `deadline`: of a run; `still-there`: it must say so. */
export type Order =
  | RunOrder
  | { readonly type: 'answer'; readonly run: number; readonly call: number; readonly outcome: Outcome }
  | { readonly type: 'deadline' | 'over'; readonly run: number }
  | { readonly type: 'still-there' };

/** What a run asks of the main thread: a primitive, or the reading of a connection that `connect` opened. */
export type Call =
  | { readonly primitive: Primitive; readonly args: readonly unknown[] }
  | { readonly read: number };

/**
 * From the thread. `fault`: code that nothing caught failed, or ended the thread; of which scenario, if that is known.
 * `rejection`: a promise that nobody waits for was rejected, which harms nothing.
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

/** What a connection is to the thread: the call that opened it names it. */
export interface OpenedConnection {
  readonly address: string;
  readonly rttMs: number;
}
