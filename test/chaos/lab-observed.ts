/** What was seen of a run in a lab, from the lab's own instruments. */
import type { Decision } from '../../models/decision.ts';
import type { RouteReport } from '../../src/lab/default-routes.ts';
import { now } from '../../src/lab/now.ts';
import {
  type Absence,
  type Active,
  type Gap,
  type Observed,
  spellDecisions,
  switchesOf,
  verdictsOf,
} from './observed.ts';
import type { Schedule } from './schedule.ts';
import { type Spell, Truth } from './truth.ts';

/** What a player did to a lab, and when. All but `startedAt` in ms since the start. */
export interface Done {
  readonly schedule: Schedule;
  readonly startedAt: number;
  readonly spells: readonly Spell[];
  readonly absences: readonly Absence[];
  readonly tampered: readonly number[]; // when all of our routes were deleted
  readonly foreign: readonly Absence[]; // times of foreign defaults that prevail
}

/** What the instruments show. */
export interface Readings {
  readonly report: RouteReport; // of IPv4
  readonly decisions: readonly Decision[];
  readonly left: readonly string[];
}

/** All that a run is judged by. */
export function observe(done: Done, { report, decisions, left }: Readings): Observed {
  const { schedule, startedAt, spells, absences } = done;
  const lines = schedule.lines.map(({ id }) => id);
  const usual = schedule.lines.map(({ lossRatio }) => 1 - lossRatio);
  return {
    forMs: Math.min(now() - startedAt, schedule.forMs),
    lines,
    truth: new Truth(usual, spells),
    active: activeOf(done, report),
    switches: switchesOf(decisions, lines, startedAt),
    verdicts: verdictsOf(decisions, lines, startedAt),
    absences,
    gaps: gapsOf(done, report),
    left,
    decisions: spellDecisions(decisions, startedAt),
    echoes: 0,
    busiestMinute: 0,
  };
}

function activeOf({ schedule, startedAt, foreign }: Done, { changes }: RouteReport): Active[] {
  const instants = changes.map(({ at, device }) => ({ atMs: Math.max(0, at - startedAt), device }));
  for (const atMs of foreign.flatMap(({ fromMs, toMs }) => [fromMs, toMs])) {
    instants.push({ atMs, device: instants.findLast((each) => each.atMs <= atMs)?.device });
    instants.sort((a, b) => a.atMs - b.atMs);
  }
  return instants.map(({ atMs, device }) => {
    const line = schedule.lines.findIndex((each) => each.device === device);
    const isForeign = foreign.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
    return { atMs, line: line < 0 ? undefined : line, foreign: isForeign };
  });
}

const repairMs = 2000;

/** Those that the daemon could have prevented: not while it was away, nor when others deleted all of its routes. */
function gapsOf({ schedule, startedAt, spells, absences, tampered }: Done, { gaps }: RouteReport): Gap[] {
  const isObstructed = (line: number, atMs: number): boolean =>
    spells.some((each) => each.line === line && each.obstacle && each.fromMs <= atMs + 5 && atMs < each.toMs);
  const couldBe = (atMs: number): boolean => !schedule.lines.every((_, line) => isObstructed(line, atMs));
  const isExcused = (atMs: number): boolean =>
    tampered.some((ms) => atMs >= ms - 5 && atMs < ms + repairMs) ||
    absences.some(({ fromMs, toMs }) => atMs >= fromMs - 5 && atMs < toMs + repairMs);
  return gaps
    .map(({ from, ms }) => ({ atMs: from - startedAt, ms }))
    .filter(({ atMs }) => couldBe(atMs) && !isExcused(atMs));
}
