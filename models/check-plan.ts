import type { Instant } from './instant.ts';
import type { Binding } from './path.ts';

/** When and how a path's next check is made. */
export interface CheckPlan {
  readonly at: Instant; // its start; in the past means at once
  readonly slackMs?: number; // how much earlier it may start, together with another. @default 0
  readonly burst: boolean; // ask all targets at once
  readonly binding: Binding;
  readonly setAside: ReadonlySet<string>; // dead targets, by scenario name: only tried now and then, without a say
  readonly slowdown?: number; // at least 1: scenarios with an interval of their own are asked so much less often
}

/** What is found out about a path apart from its checks, and when. */
export interface DiagnosisPlan {
  readonly at: Instant; // in the past means at once
  readonly ask: 'gateway' | 'mtu';
  readonly binding: Binding;
  readonly timeoutMs: number; // for an answer
}
