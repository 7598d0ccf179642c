import type { Config } from './config.ts';
import type { Instant } from './instant.ts';
import type { Fault, PathMtu } from './layer.ts';
import type { Links } from './link.ts';
import type { PathKey } from './path.ts';
import type { TestResult } from './test-result.ts';

/** What sources report to the core. `at` is when it happened. Plain data, so that a run can be recorded and replayed. */
export type Event =
  | CheckEvent
  | LateEvent
  | DiagnosisEvent
  | { readonly type: 'links'; readonly at: Instant; readonly links: Links }
  | StickyEvent
  | { readonly type: 'config'; readonly at: Instant; readonly config: Config }
  | { readonly type: 'kernel'; readonly at: Instant; readonly note: KernelNote }
  | { readonly type: 'tick'; readonly at: Instant };

/** One finished round of scenarios over one path. */
export interface CheckEvent {
  readonly type: 'check';
  readonly at: Instant; // when the verdict fell
  readonly startedAt: Instant; // when the first packet left; identifies the round within its path
  readonly path: PathKey;
  readonly result: TestResult; // `rttMs`: mean of the answers
  readonly targets: readonly TargetResult[]; // those that were asked
  readonly bytes?: number; // estimate of what all checks of the path cost on the wire since the last event
  readonly fault?: Fault; // where it broke; absent when it passed, could not run, or when that is not known
}

/** How one scenario of a round did. */
export interface TargetResult {
  readonly target: string; // TestScenario.name
  readonly result: TestResult;
}

/** An answer that came after its round was counted as failed. */
export interface LateEvent {
  readonly type: 'late';
  readonly at: Instant;
  readonly startedAt: Instant; // of the round it belongs to
  readonly path: PathKey;
  readonly target: string;
  readonly rttMs: number;
}

/** What was found out about a path apart from its checks. It moves no traffic: it shows people which layer broke. */
export interface DiagnosisEvent {
  readonly type: 'diagnosis';
  readonly at: Instant;
  readonly startedAt: Instant;
  readonly path: PathKey;
  readonly asked: 'gateway' | 'mtu';
  readonly gateway?: TestResult; // whether it answers; not run when that could not be found out
  readonly mtu?: PathMtu; // absent when no target could be asked
  readonly bytes?: number; // estimate of what it cost on the wire
}

/** What `sticky.provider` says now. With a `problem` it says nothing that can be used, and changes nothing. */
export type StickyEvent = { readonly type: 'sticky'; readonly at: Instant } & (
  | { readonly sticky: Sticky | undefined; readonly problem?: undefined }
  | { readonly problem: string }
);

/** What the operator wrote into `sticky.provider`. */
export interface Sticky {
  readonly id: string;
  readonly until: Instant | undefined; // undefined: until it is taken back
  readonly written?: Instant; // `until` by the wall clock, as people wrote it
}

/** What bringing the kernel into line came to, in the words of `spell`. */
export interface KernelNote {
  readonly kind: 'changed' | 'repaired' | 'failed' | 'conflict' | 'recovered';
  readonly message: string; // one sentence
  readonly commands: readonly string[]; // those that were run, or that failed
}
