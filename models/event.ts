import type { Config } from './config.ts';
import type { Instant } from './instant.ts';
import type { Fault, PathMtu } from './layer.ts';
import type { Links } from './link.ts';
import type { Modem } from './modem.ts';
import type { Family, PathKey } from './path.ts';
import type { TestResult } from './test-result.ts';

/**
 * What event sources report to the core. `at`: when it happened. Plain data, so that a run can be recorded
 * and replayed.
 */
export type Event =
  | CheckEvent
  | LateEvent
  | DiagnosisEvent
  | TrafficEvent
  | LoadEvent
  | { readonly type: 'modems'; readonly at: Instant; readonly modems: readonly Modem[] } // all of them
  | { readonly type: 'links'; readonly at: Instant; readonly links: Links }
  | LeaseEvent
  | StickyEvent
  | { readonly type: 'config'; readonly at: Instant; readonly config: Config }
  | { readonly type: 'kernel'; readonly at: Instant; readonly note: KernelNote }
  | { readonly type: 'tick'; readonly at: Instant };

/** One finished round of scenarios over one path. */
export interface CheckEvent {
  readonly type: 'check';
  readonly at: Instant; // when the round was decided
  readonly startedAt: Instant; // when the first packet left; identifies the round within its path
  readonly path: PathKey;
  readonly result: TestResult; // `rttMs`: mean of the answers, those that are `untimed` left out
  readonly targets: readonly TargetResult[]; // those that were probed
  readonly packets?: readonly PacketOutcome[]; // that became known since the path's last event; absent: none
  readonly unanswered?: number; // packets of rounds that passed, since the last event; absent: none
  readonly bytes?: number; // estimated cost on the wire of all checks of the path since the last event
  readonly fault?: Fault; // where it broke; absent when it passed, could not run, or that is not known
}

/** The result of one scenario of a round. */
export interface TargetResult {
  readonly target: string; // TestScenario.name
  readonly result: TestResult;
}

/**
 * One packet that a round sent before it knew anything, and whether it was answered. Those that a round sends because
 * something failed are no sample of the line.
 */
export interface PacketOutcome {
  readonly target: string; // TestScenario.name
  readonly answered: boolean;
  readonly startedAt?: Instant; // of its round; absent: of the event's
}

/** An answer that came after its deadline. */
export interface LateEvent {
  readonly type: 'late';
  readonly at: Instant;
  readonly startedAt: Instant; // of the round it belongs to
  readonly path: PathKey;
  readonly target: string;
  readonly rttMs: number;
  readonly untimed?: true; // as in a `Success`
  readonly ofPacketOnly?: true; // it changes nothing but what became of that packet: the round's result stays
}

/** What was found out about a path apart from its checks. It moves no traffic, but shows people which layer broke. */
export interface DiagnosisEvent {
  readonly type: 'diagnosis';
  readonly at: Instant;
  readonly startedAt: Instant;
  readonly path: PathKey;
  readonly asked: 'gateway' | 'mtu';
  readonly gateway?: TestResult; // whether it answers; not run if that could not be found out
  readonly mtu?: PathMtu; // absent when no target could be probed
  readonly bytes?: number; // estimated cost on the wire
}

/**
 * On a device that carries traffic packets are sent and nothing comes back, though answers are usual; or they
 * come again.
 */
export interface TrafficEvent {
  readonly type: 'traffic';
  readonly at: Instant;
  readonly device: string;
  readonly silentSince: Instant | undefined; // no earlier than the last arrival; undefined: packets come again
}

/** How much a device carries from now on, in bits a second; 0: less than is worth a mention. */
export interface LoadEvent {
  readonly type: 'load';
  readonly at: Instant;
  readonly device: string;
  readonly sent: number;
  readonly received: number;
}

/**
 * What a DHCP client, a PPP daemon or a network manager knows about a device, in one family. What it leaves out stays as
 * it was reported before; without `gateway` and `dns`, all that was reported of the device and family is gone.
 */
export interface LeaseEvent {
  readonly type: 'lease';
  readonly at: Instant;
  readonly device: string;
  readonly family: Family;
  readonly gateway?: string;
  readonly dns?: readonly string[]; // addresses of nameservers
  readonly until?: Instant; // when it runs out, unless it is renewed; absent: never
  readonly source: string; // 'dhclient'
}

/** The present content of `sticky.provider`. With a `problem` it is unusable, and changes nothing. */
export type StickyEvent = { readonly type: 'sticky'; readonly at: Instant } & (
  | { readonly sticky: Sticky | undefined; readonly problem?: undefined }
  | { readonly problem: string }
);

/** What the operator wrote into `sticky.provider`. */
export interface Sticky {
  readonly id: string;
  readonly until: Instant | undefined; // undefined: until it is removed
  readonly written?: Instant; // `until` by the wall clock, as the operator wrote it
}

/** What happened when the kernel was reconciled, in the words of `spell`. */
export interface KernelNote {
  readonly kind: 'changed' | 'repaired' | 'failed' | 'conflict' | 'recovered';
  readonly message: string; // one sentence
  readonly commands: readonly string[]; // those that ran, or that failed
}
