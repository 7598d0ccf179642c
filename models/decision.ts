import type { Instant } from './instant.ts';
import type { Family } from './path.ts';

/** Something the core or the daemon decided, with its reason in the words that every report uses. */
export interface Decision {
  /**
   * Identifies this decision wherever it appears: in the journal, the history, recordings and their replay, links. Made
   * of [a-z0-9-], and unique on this machine.
   */
  readonly id: string;
  readonly at: Instant;
  readonly kind: DecisionKind;
  readonly severity: 'err' | 'warning' | 'notice' | 'info'; // err: someone must act
  readonly provider: string | undefined; // the provider it is about; for a switch, the new one
  readonly family: Family | undefined;
  readonly from: string | undefined; // the earlier provider, or the earlier health
  readonly to: string | undefined;
  readonly sentence: string; // what happened: "IPv4 moves from fibre to lte"
  readonly reason: string; // why: "fibre is down: 3 checks failed in a row, nothing got through for 1.0 s"
  readonly numbers: Readonly<Record<string, number | string | boolean>>; // the figures and limits behind it
  readonly evidence: readonly Evidence[]; // those figures that were compared with a limit
  readonly commands?: readonly string[]; // what ran, or failed, in the kernel; the first of them if they are many
}

/** A decision that has no id yet. */
export type UnnumberedDecision = Omit<Decision, 'id'>;

/**
 * `switch`: traffic moves. `health`: a path's health changed. `cause`: which layer broke. `lifecycle`: start
 * and stop.
 */
export type DecisionKind =
  | 'switch'
  | 'health'
  | 'cause'
  | 'target'
  | 'sticky'
  | 'config'
  | 'kernel'
  | 'link'
  | 'lifecycle';

/** A figure behind a decision, and the limit it was compared with. */
export interface Evidence {
  readonly name: EvidenceName;
  readonly value: number;
  /** `ratio`: 0 to 1. `points`: of the flap penalty (RFC 2439). `checks`: a number of them. */
  readonly unit: 'checks' | 'ms' | 'ratio' | 'points' | 'bytes';
  readonly limit: number; // in the same unit
  readonly sense: 'above' | 'below'; // the side of the limit that counts against the provider
  readonly crossed: boolean; // the value is on that side
  readonly provider?: string; // the provider it belongs to; absent: the decision's
}

/**
 * What a figure measures: failed or passed checks in a row; how long nothing has got through; failed checks in the
 * window, and its loss, mean RTT and jitter; the flap penalty; how long a provider has been reliable; the largest IP
 * packet that gets through.
 */
export type EvidenceName =
  | 'consecutiveFailed'
  | 'consecutiveSucceeded'
  | 'outage'
  | 'failedInWindow'
  | 'loss'
  | 'rtt'
  | 'jitter'
  | 'penalty'
  | 'reliableFor'
  | 'packetSize';
