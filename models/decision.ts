import type { Instant } from './instant.ts';
import type { Family } from './path.ts';

/** Something the core or the daemon concluded, with its reason in the words that every report uses. */
export interface Decision {
  readonly at: Instant;
  readonly kind: DecisionKind;
  readonly severity: 'err' | 'warning' | 'notice' | 'info'; // err: the operator must act
  readonly provider: string | undefined; // the one it is about; for a switch, the new one
  readonly family: Family | undefined;
  readonly from: string | undefined; // the earlier provider, or the earlier health
  readonly to: string | undefined;
  readonly sentence: string; // what happened: "IPv4 moves from fibre to lte"
  readonly reason: string; // why: "fibre is down: 3 checks failed in a row, nothing got through for 1.0 s (limit 1.0 s)"
  readonly numbers: Readonly<Record<string, number | string | boolean>>; // the figures and limits that made it
}

/** `switch`: traffic moves. `health`: a path's verdict changed. `cause`: which layer broke. The rest name what they are about. */
export type DecisionKind =
  | 'switch'
  | 'health'
  | 'cause'
  | 'target'
  | 'sticky'
  | 'config'
  | 'kernel'
  | 'link'
  | 'life';
