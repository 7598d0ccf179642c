import type { Decision } from './decision.ts';
import type { Sticky } from './event.ts';
import type { Instant } from './instant.ts';
import type { Layer } from './layer.ts';
import type { Binding, Family, PathKey } from './path.ts';

/** `unknown`: no verdict yet, for want of evidence. */
export type Health = 'unknown' | 'reliable' | 'unreliable';

/** Whether anything gets through right now. `doubt`: a check failed, but `minOutage` is not over. */
export type Liveness = 'unknown' | 'up' | 'doubt' | 'down';

/** `active` carries traffic; `standby` could; `disabled` and `absent` (family or device not there) cannot. */
export type Role = 'active' | 'standby' | 'absent' | 'disabled';

/** What echoes are sent with. Raw sockets where ping sockets are not permitted; the ping program where neither are. */
export type EchoMeans = 'ping sockets' | 'raw sockets' | 'ping program';

/** The whole state as people and programs see it. Plain data. */
export interface Snapshot {
  readonly at: Instant;
  readonly startedAt: Instant;
  readonly pid: number;
  readonly version: string;
  readonly configFile: string;
  readonly stickyFile: string; // absolute
  readonly sticky: Sticky | undefined;
  readonly active: Readonly<Record<Family, readonly string[]>>; // provider ids
  readonly paths: readonly PathSnapshot[];
  readonly deadTargets: readonly {
    readonly family: Family;
    readonly target: string;
    readonly since: Instant;
  }[];
  readonly probing: { readonly means: EchoMeans; readonly reason: string | undefined };
  readonly drift: readonly string[]; // sentences: what in the kernel is not as it should be, and what to do
  readonly lastDecision: Decision | undefined;
  readonly trial?: Trial | undefined;
}

/** How many connections a path has. */
export interface ConnectionCount {
  readonly count: number; // without ICMP
  readonly stranded: number; // of them, those that began here, where none begin now
}

/** A configuration that runs until it is confirmed, or the earlier one comes back. */
export interface Trial {
  readonly file: string; // absolute
  readonly until: Instant;
}

/** One provider in one family. */
export interface PathSnapshot {
  readonly path: PathKey;
  readonly provider: string;
  readonly family: Family;
  readonly interfaceName: string;
  readonly binding: Binding | undefined;
  readonly role: Role;
  readonly health: Health;
  readonly liveness: Liveness;
  readonly since: Instant | undefined; // of the present health
  readonly why: string; // reason of the present health
  readonly layer: Layer | undefined; // which broke, while nothing gets through
  readonly remarks: readonly string[]; // sentences: what is odd about it, whatever its health
  readonly score: number | undefined; // 0..100
  readonly lossRatio: number | undefined;
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
  readonly samples: number;
  readonly consecutiveFailed: number;
  readonly consecutiveSucceeded: number;
  readonly recent: readonly (boolean | undefined)[]; // last results, oldest first
  readonly table: number;
  readonly penalty?: number; // RFC 2439 figure of merit of short outages, as decayed by now; absent: none
  readonly connections?: ConnectionCount; // absent where they are not marked, or cannot be counted
  readonly spent?: Spent; // absent while nothing was
}

/** What a path's checks cost, in bytes of whole IP packets both ways: an estimate. */
export interface Spent {
  readonly lastHourBytes: number;
  readonly sinceStartBytes: number; // of the daemon
  readonly budgetBytes?: number; // `probeBudget`: of the provider, both families together, an hour
  readonly slowedToMs?: number; // time between checks now, where the budget makes it longer
}
