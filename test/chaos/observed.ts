/** What a player saw of a run: all that it is judged by. Times are ms since the start. */
import type { Decision } from '../../models/decision.ts';
import type { Instant } from '../../models/instant.ts';
import type { Truth } from './truth.ts';

export interface Observed {
  readonly forMs: number;
  readonly lines: readonly string[]; // ids, the preferred one first
  readonly truth: Truth;
  readonly active: readonly Active[]; // in order, from the start
  readonly switches: readonly Switch[]; // as decided
  readonly verdicts: readonly Verdict[]; // in order
  readonly absences: readonly Absence[]; // of the daemon
  readonly gaps: readonly Gap[]; // without a default route although there could have been one
  readonly left: readonly string[]; // what is not as it should be at the end, in words
  readonly decisions: readonly { readonly atMs: number; readonly text: string }[];
  readonly echoes: number;
  readonly busiestMinute: number; // echoes through one line
}

/** Where the kernel sends traffic, from an instant on. */
export interface Active {
  readonly atMs: number;
  readonly line: number | undefined; // undefined: nowhere
  readonly foreign: boolean; // by a route that is not ours, so that nobody can be blamed
}

/** Traffic was moved. */
export interface Switch {
  readonly atMs: number;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly reason: string;
}

/** A line was called reliable or unreliable. */
export interface Verdict {
  readonly atMs: number;
  readonly line: number;
  readonly health: string;
}

/** A time in which the daemon was stopped or did not run. */
export interface Absence {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A time without a default route. */
export interface Gap {
  readonly atMs: number;
  readonly ms: number; // 0: between two commands of one change
}

/** The switches of IPv4 among decisions. */
export function switchesOf(
  decisions: readonly Decision[],
  lines: readonly string[],
  startedAt: Instant,
): Switch[] {
  const lineOf = (id: string | undefined): number | undefined => {
    const line = lines.indexOf(id ?? '');
    return line < 0 ? undefined : line;
  };
  return decisions
    .filter(({ kind, family }) => kind === 'switch' && family === 4)
    .map(({ at, from, to, reason }) => ({
      atMs: at - startedAt,
      from: lineOf(from),
      to: lineOf(to),
      reason,
    }));
}

/** The verdicts in IPv4 among decisions. */
export function verdictsOf(
  decisions: readonly Decision[],
  lines: readonly string[],
  startedAt: Instant,
): Verdict[] {
  return decisions
    .filter(({ kind, family }) => kind === 'health' && family === 4)
    .map(({ at, provider = '', to = '' }) => ({
      atMs: at - startedAt,
      line: lines.indexOf(provider),
      health: to,
    }));
}

/** Decisions in words, for a timeline. */
export function spellDecisions(decisions: readonly Decision[], startedAt: Instant): Observed['decisions'] {
  return decisions.map(({ at, sentence, reason }) => ({
    atMs: at - startedAt,
    text: `${sentence}: ${reason}`,
  }));
}
