import type { Claims } from './claims.ts';
import type { Decision } from './decision.ts';
import type { Sticky } from './event.ts';
import type { Instant } from './instant.ts';
import type { Layer } from './layer.ts';
import type { Lease } from './lease.ts';
import type { Modem } from './modem.ts';
import type { Binding, Family, PathKey } from './path.ts';

/** `unknown`: no verdict yet, for lack of evidence. */
export type Health = 'unknown' | 'reliable' | 'unreliable';

/** Whether anything gets through right now. `doubt`: a check failed, but `minOutage` has not passed. */
export type Liveness = 'unknown' | 'up' | 'doubt' | 'down';

/** `active` carries traffic; `standby` could; `disabled` and `absent` (family or device missing) cannot. */
export type Role = 'active' | 'standby' | 'absent' | 'disabled';

/** How echoes are sent. Raw sockets where ping sockets are not permitted; the ping program where neither are. */
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
    readonly relapses?: number; // how often it failed again soon after it had answered; absent: never
  }[];
  readonly probing: { readonly means: EchoMeans; readonly reason: string | undefined };
  readonly drift: readonly string[]; // sentences: what keeps, or may keep, a choice from taking effect, and what to do
  readonly remarks: readonly string[]; // sentences: what is ignored, and where no provider is reliable
  readonly lastDecision: Decision | undefined; // the last switch, of either family
  readonly lastSwitch: Readonly<Record<Family, Decision | undefined>>; // the last one that is known
  readonly trial?: Trial | undefined;
  readonly claims?: Claims; // the numbers that its routes, rules and marks have in the kernel
}

/**
 * Whether the internet works. `well`: in each family that is in use, and every provider is reliable; `degraded`: it
 * works, but not all of that is so; `down`: nothing gets through; `unknown`: the first checks have not ended.
 */
export type Condition = 'well' | 'degraded' | 'down' | 'unknown';

/** What `failover status --json` prints: a snapshot, and its first line. Instants are in whole milliseconds. */
export interface StatusReport extends Snapshot {
  readonly condition: Condition;
  readonly sentence: string;
}

/** How many connections a path has. */
export interface ConnectionCount {
  readonly count: number; // without ICMP
  readonly stranded: number; // those of them that were opened here, though new ones no longer are
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
  readonly layer: Layer | undefined; // the broken layer, while nothing gets through
  readonly remarks: readonly string[]; // sentences: anything odd about it, whatever its health
  readonly score: number | undefined; // 0..100
  readonly lossRatio: number | undefined; // of packets; of checks where none of them is one packet; undefined: too few
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
  readonly samples: number;
  readonly consecutiveFailed: number;
  readonly consecutiveSucceeded: number;
  readonly recent: readonly (boolean | 'lossy' | undefined)[]; // latest checks, oldest first; lossy: passed, a packet lost
  readonly table: number;
  readonly modem?: Modem; // of its device, where ModemManager knows one
  readonly packets?: { readonly asked: number; readonly lost: number }; // that count for loss; absent: no packets
  readonly penalty?: number; // RFC 2439 figure of merit for short outages, decayed to the present; absent: none
  readonly failback?: FailbackWait; // while traffic would go through it, but for its failback delay
  readonly connections?: ConnectionCount; // absent if they are not marked, or cannot be counted
  readonly spent?: Spent; // absent until something is
  readonly lease?: Pick<Lease, 'gateway' | 'dns'>; // reported for its device by others; absent: nothing
}

/** How long a provider must be reliable before it carries traffic. */
export interface FailbackWait {
  readonly delayMs: number; // `failbackDelay`, raised by repeated failovers
  readonly failovers: number; // away from it, in the last hour
  readonly dueAt?: Instant; // absent: it is not reliable, or in doubt
}

/** What a path's checks cost, in bytes of whole IP packets both ways: an estimate. */
export interface Spent {
  readonly lastHourBytes: number;
  readonly sinceStartBytes: number; // of the daemon
  readonly budgetBytes?: number; // `probeBudget`: per provider, both families together, and hour
  readonly slowedToMs?: number; // the time between checks now, if the budget makes it longer
}
