import type { Instant } from './instant.ts';
import type { Binding } from './path.ts';

/** When and how a path's next check is made. */
export interface CheckPlan {
  readonly at: Instant; // its start; in the past means at once
  readonly slackMs?: number; // how much earlier it may start, to coincide with another. @default 0
  readonly burst: boolean; // probe all targets at once
  readonly binding: Binding;
  readonly setAside: ReadonlySet<string>; // dead targets, by scenario name: only retried now and then, and not counted
  readonly usual?: UsualRtt; // before the first check that is bound like this; absent: not known, or known to the runner
  readonly slowdown?: number; // at least 1: the factor by which scenarios with an interval of their own run less often
}

/** How long answers usually took. */
export interface UsualRtt {
  readonly rttMs: number; // mean
  readonly jitterMs: number; // mean difference of two in a row
  readonly isOld: boolean; // from before a reboot: it may be less now
}

/** What to find out about a path apart from its checks, and when. */
export interface DiagnosisPlan {
  readonly at: Instant; // in the past means at once
  readonly ask: 'gateway' | 'mtu';
  readonly binding: Binding;
  readonly timeoutMs: number; // for an answer
}
