/**
 * How long one path was in which state, exactly: time is counted when a check shows what it was. A check that passes
 * proves that the line worked when it began; doubt is held back until it is known whether it was an outage, which then
 * counts from its first lost packet to the start of the first check that passed. A time in which no check could be
 * made is counted apart.
 */
import type { CheckEvent, LateEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import { isNotRun } from '../../../models/test-result.ts';
import type { PathState } from '../state/state.ts';
import { Histogram } from './histogram.ts';

/** `doubt`: checks failed, but not for long enough to be an outage. `unmeasured`: no check could be made. */
export const accountedStates = ['up', 'doubt', 'down', 'unknown', 'unmeasured'] as const;

/** One of `accountedStates`. */
export type AccountedState = (typeof accountedStates)[number];

const rttBounds = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5,
];
const outageBounds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600];

const longestGap = { ms: 10_000, intervals: 10 }; // between two checks: this process stood still

/** The counters of one path. They only grow. */
export class PathAccount {
  readonly ms: Record<AccountedState, number> = { up: 0, doubt: 0, down: 0, unknown: 0, unmeasured: 0 };
  readonly checks = { passed: 0, failed: 0, notRun: 0 };
  readonly rttSeconds = new Histogram(rttBounds); // of checks that passed
  readonly outageSeconds = new Histogram(outageBounds); // first lost to first answered
  readonly healthChanges: Record<string, number> = { reliable: 0, unreliable: 0 }; // by the health that it changed to
  lateAnswers = 0;
  activeMs = 0; // carried traffic
  promotions = 0; // times it began to

  #state: 'up' | 'down' | 'unknown' = 'unknown';
  #since: Instant; // what happened from then on is not counted yet
  #doubtFrom: Instant | undefined; // not counted either: it may become an outage
  #outageFrom: Instant | undefined;
  #isHeld = false; // by an obstacle, which no check has to show
  #activeSince: Instant | undefined;

  constructor(at: Instant) {
    this.#since = at;
  }

  /** Counts a check, and the time until it began. `path`: as the check left it. */
  check(path: PathState, { result, startedAt }: CheckEvent): void {
    const until = Math.max(this.#since, startedAt);
    if (result.ok) {
      this.checks.passed += 1;
      if (result.untimed !== true) this.rttSeconds.observe(result.rttMs / 1000);
      this.#settleGap(path, until);
      this.#works(until);
    } else if (isNotRun(result)) {
      this.checks.notRun += 1;
      this.#skip(until);
    } else {
      this.checks.failed += 1;
      this.#settleGap(path, until);
      this.#fails(path, until);
    }
  }

  /** Counts an answer that came after its deadline. It may show that there was no outage. */
  late({ liveness }: PathState, { startedAt }: LateEvent): void {
    this.lateAnswers += 1;
    if (liveness === 'up') this.#works(Math.max(this.#since, startedAt));
  }

  /** Something is in the way since then, no carrier for one, and no check is made; or it no longer is. */
  hold(isHeld: boolean, at: Instant): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (!isHeld) this.#count('down', at);
    else if (this.#state !== 'down') this.#goDown(this.#doubtFrom ?? at, at);
  }

  /** It carries traffic from then on, or no longer does. */
  carry(isActive: boolean, at: Instant): void {
    this.#settleActive(at);
    if (isActive && this.#activeSince === undefined) this.promotions += 1;
    this.#activeSince = isActive ? at : undefined;
  }

  /** Brings up to date what no check has to show. */
  settle(now: Instant): void {
    this.#settleActive(now);
    if (this.#isHeld) this.#count('down', now);
  }

  #settleActive(now: Instant): void {
    if (this.#activeSince === undefined) return;
    this.activeMs += Math.max(0, now - this.#activeSince);
    this.#activeSince = Math.max(now, this.#activeSince);
  }

  #works(at: Instant): void {
    if (this.#doubtFrom !== undefined) {
      this.ms.doubt += at - this.#doubtFrom;
      this.#doubtFrom = undefined;
      this.#since = at;
    } else this.#count(this.#state, at);
    if (this.#outageFrom !== undefined) this.outageSeconds.observe((at - this.#outageFrom) / 1000);
    this.#outageFrom = undefined;
    this.#state = 'up';
  }

  #fails(path: PathState, at: Instant): void {
    const from = this.#doubtFrom ?? Math.min(at, Math.max(this.#since, path.failedSince ?? at));
    if (this.#state === 'down') this.#count('down', at);
    else if (path.liveness === 'down') this.#goDown(from, at);
    else {
      if (this.#doubtFrom === undefined) this.#count(this.#state, from);
      this.#doubtFrom = from;
      this.#since = at;
    }
  }

  #goDown(from: Instant, at: Instant): void {
    if (this.#doubtFrom === undefined) this.#count(this.#state, from);
    this.#doubtFrom = undefined;
    this.ms.down += at - from;
    this.#since = at;
    this.#state = 'down';
    this.#outageFrom = from;
  }

  /** Counts a time as unmeasured that is longer than checks are ever apart. */
  #settleGap(path: PathState, until: Instant): void {
    const gapMs = until - this.#since;
    if (gapMs > Math.max(longestGap.ms, longestGap.intervals * path.intervalMs)) this.#skip(until);
  }

  /** What lies before it was not measured. */
  #skip(until: Instant): void {
    if (this.#doubtFrom !== undefined) this.#doubtFrom += until - this.#since;
    this.#count('unmeasured', until);
  }

  #count(state: AccountedState, until: Instant): void {
    this.ms[state] += until - this.#since;
    this.#since = until;
  }
}
