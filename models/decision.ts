import type { Instant } from './instant.ts';
import type { Family } from './path.ts';

/** Something the core or the daemon concluded, with its reason in the words that every report uses. */
export interface Decision {
  /**
   * Names this decision wherever it shows up: in the journal, the history, recordings and their replay, links. Of
   * [a-z0-9-], and unlike that of any other decision of the same machine.
   */
  readonly id: string;
  readonly at: Instant;
  readonly kind: DecisionKind;
  readonly severity: 'err' | 'warning' | 'notice' | 'info'; // err: someone must act
  readonly provider: string | undefined; // whom it is about; for a switch, the new one
  readonly family: Family | undefined;
  readonly from: string | undefined; // the earlier provider, or the earlier health
  readonly to: string | undefined;
  readonly sentence: string; // what happened: "IPv4 moves from fibre to lte"
  readonly reason: string; // why: "fibre is down: 3 checks failed in a row, nothing got through for 1.0 s (limit 1.0 s)"
  readonly numbers: Readonly<Record<string, number | string | boolean>>; // the figures and limits that made it
  readonly evidence: readonly Evidence[]; // of these, the figures that were held against a limit
}

/** A decision that has no id yet. */
export type UnnumberedDecision = Omit<Decision, 'id'>;

/** `switch`: traffic moves. `health`: a path's verdict changed. `cause`: which layer broke. `lifecycle`: start and stop. The rest name what they are about. */
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

/** A figure that made a decision, and the limit it was held against. */
export interface Evidence {
  readonly name: EvidenceName;
  readonly value: number;
  /** `ratio`: 0 to 1. `points`: of the flap penalty (RFC 2439). `checks`: a number of them. */
  readonly unit: 'checks' | 'ms' | 'ratio' | 'points' | 'bytes';
  readonly limit: number; // in the same unit
  readonly sense: 'above' | 'below'; // the side of the limit that speaks against the provider
  readonly crossed: boolean; // the value is on that side
  readonly provider?: string; // whose figure it is; absent: that of the decision's provider
}

/**
 * What a figure measures. Failed or passed checks in a row; how long nothing has got through; failed checks in the
 * window, and its loss, mean RTT and jitter; the flap penalty; how long a provider has been reliable; the largest IP
 * packet that passes.
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
