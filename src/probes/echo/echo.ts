import type { Binding, Family } from '../../../models/path.ts';
import type { EchoMeans } from '../../../models/snapshot.ts';
import type { Success, TestResult } from '../../../models/test-result.ts';

/** A means of sending echoes, and which one it is. */
export interface Echo {
  readonly means: EchoMeans;
  readonly reason: string | undefined; // why not ping sockets, or why no sockets at all
  readonly overheadMs: number; // the worst-case time for sending on a busy machine, on top of the RTT
  /** Echoes bound to a device and address. The caller releases it. Opens nothing before the first echo. */
  bind(family: Family, binding: Binding): BoundEcho;
}

/** Echoes through one device, from one address. */
export interface BoundEcho {
  /** One echo to a literal address. Resolves, never rejects, within `timeoutMs`. */
  echo(address: string, request: EchoRequest): Promise<TestResult>;
  /** Releases what it holds. Pending echoes end as not run. May be called twice. */
  release(): void;
}

/**
 * `size`: payload bytes. `whole`: never fragmented. `onLate`: called once if the answer comes after `timeoutMs`.
 */
export interface EchoRequest {
  readonly size: number;
  readonly whole?: boolean;
  readonly timeoutMs: number;
  readonly onLate: ((late: Success) => void) | undefined;
}

/** How long after sending an echo a late answer still counts. */
export const lateAnswerMs = 10_000;

/** The payload of ping(8). */
export const defaultEchoSize = 56;
