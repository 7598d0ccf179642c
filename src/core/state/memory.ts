/** What one run passes on to the next. */
import type { Claims } from '../../../models/claims.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Lease } from '../../../models/lease.ts';
import type { Family, PathKey } from '../../../models/path.ts';
import type { Health, Liveness } from '../../../models/snapshot.ts';
import type { LoadMemory } from './load.ts';
import type { TargetPackets } from './packets.ts';
import type { Sample } from './window.ts';

/** The memory of an earlier run. Windows and verdicts only when they are recent and from this boot. */
export interface Memory {
  readonly active: Readonly<Record<Family, readonly string[]>>;
  readonly paths: readonly PathMemory[];
  readonly numbers?: Readonly<Record<string, number>>; // of devices that a pattern matched, by name
  readonly loads?: Readonly<Record<string, LoadMemory>>; // by device
  readonly leases?: readonly Lease[]; // of this boot; absent: kept by a version that knew none
  readonly claims?: Claims; // numbers taken in the kernel
}

/** One path of `Memory`. */
export interface PathMemory {
  readonly key: PathKey;
  readonly remembered: Remembered | undefined;
  readonly judged?: Remembered; // the line that the rest is about. @default remembered
  readonly health: Health;
  readonly liveness: Liveness;
  readonly since: Instant | undefined;
  readonly why: string;
  readonly samples: readonly Sample[];
  readonly outageFrom?: Instant; // of the present outage: start of its first failed check
  readonly packets?: readonly TargetPackets[]; // absent: kept by a version that did not count them
  readonly consecutiveFailed: number;
  readonly consecutiveSucceeded: number;
  readonly penalty: number;
  readonly penaltyAt: Instant;
  readonly failovers?: readonly Instant[]; // away from it; absent: none
  readonly slowRtt?: SlowRtt; // absent: its answers do not take long, or that is not known
}

/** A path of which an earlier run knew nothing. */
export function unknownPath(key: PathKey): PathMemory {
  return {
    key,
    remembered: undefined,
    health: 'unknown',
    liveness: 'unknown',
    since: undefined,
    why: 'no check has ended yet',
    samples: [],
    consecutiveFailed: 0,
    consecutiveSucceeded: 0,
    penalty: 0,
    penaltyAt: 0,
  };
}

/** What stays true of the paths whatever has happened since, even after a reboot: failovers, and that one is slow. */
export function lastingPaths({ paths }: Memory): PathMemory[] {
  return paths.flatMap(({ key, failovers = [], slowRtt }) => {
    if (failovers.length === 0 && slowRtt === undefined) return [];
    return [{ ...unknownPath(key), failovers, ...(slowRtt && { slowRtt }) }];
  });
}

/** How long the answers take through a line that is slow, such as one by satellite. */
export interface SlowRtt {
  readonly rttMs: number; // mean
  readonly jitterMs: number; // mean difference of two in a row
}

/** What is kept of a path while its address or default route is missing. */
export interface Remembered {
  readonly address: string;
  readonly network: string | undefined;
  readonly gateway: string | undefined;
  readonly isDirect?: true; // there was no gateway, and a default route without one
}
