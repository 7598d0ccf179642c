/** The report of many runs, in words. */
import type { Judgement, Violation } from './judge.ts';
import type { Observed } from './observed.ts';
import { describe, endOf, type Schedule, seconds } from './schedule.ts';

/** What a report is compared with. */
export const goals = { ofIdeal: 0.99, needlessPerHour: 1, deadMs: 0, routeless: 0 } as const;

/** The sums of many runs. */
export interface Totals {
  readonly runs: number;
  readonly hours: number;
  readonly availability: number;
  readonly possible: number;
  readonly ideal: number;
  readonly ofIdeal: number; // availability, as a share of the ideal detector's
  readonly switchesPerHour: number;
  readonly needlessPerHour: number;
  readonly misjudgedMsPerHour: number;
  readonly deadMs: number;
  readonly routeless: number;
  readonly withoutRouteMs: number;
  readonly left: number; // runs that left something different
  readonly echoesPerHour: number;
  readonly busiestMinute: number;
}

/** Adds up runs, each weighted by its length. */
export function totalsOf(judgements: readonly Judgement[]): Totals {
  const sum = (of: (judgement: Judgement) => number): number =>
    judgements.reduce((total, judgement) => total + of(judgement), 0);
  const hours = sum((each) => each.hours);
  const mean = (of: (judgement: Judgement) => number): number => sum((each) => each.hours * of(each)) / hours;
  const [availability, ideal] = [mean((each) => each.availability), mean((each) => each.ideal)];
  return {
    runs: judgements.length,
    hours,
    availability,
    possible: mean((each) => each.possible),
    ideal,
    ofIdeal: availability / ideal,
    switchesPerHour: sum((each) => each.switches) / hours,
    needlessPerHour: sum((each) => each.needless) / hours,
    misjudgedMsPerHour: sum((each) => each.misjudgedMs) / hours,
    deadMs: sum((each) => each.deadMs),
    routeless: sum((each) => each.routeless),
    withoutRouteMs: sum((each) => each.withoutRouteMs),
    left: judgements.filter(({ violations }) => violations.some(({ property }) => property === 'left over'))
      .length,
    echoesPerHour: sum((each) => each.echoes) / hours,
    busiestMinute: Math.max(...judgements.map((each) => each.busiestMinute)),
  };
}

/** The totals, a line each, with the goals. */
export function spellTotals(totals: Totals): string {
  const percent = (share: number): string => `${(100 * share).toFixed(3)} %`;
  const goal = (met: boolean, words: string): string => `   ${met ? 'met' : 'MISSED'}: ${words}`;
  const { ofIdeal, needlessPerHour, deadMs, routeless } = totals;
  return [
    `runs                                  ${totals.runs}, ${totals.hours.toFixed(2)} h together`,
    `packets that got through              ${percent(totals.availability)}`,
    `  on the best line of each instant    ${percent(totals.possible)}`,
    `  with an ideal detector              ${percent(totals.ideal)}`,
    `  share of the ideal detector's       ${percent(ofIdeal)}${goal(ofIdeal >= goals.ofIdeal, 'at least 99 %')}`,
    `switches an hour                      ${totals.switchesPerHour.toFixed(1)}`,
    `  needless                            ${needlessPerHour.toFixed(2)}${goal(needlessPerHour <= goals.needlessPerHour, 'at most 1')}`,
    `called unreliable, though fine for a minute   ${seconds(totals.misjudgedMsPerHour)} an hour, of all lines together`,
    `on a dead line beyond minOutage and 1.6 intervals, while another passes   ${seconds(deadMs)}${goal(deadMs <= goals.deadMs, 'none')}`,
    `instants without a default route      ${routeless}, ${totals.withoutRouteMs.toFixed(0)} ms${goal(routeless <= goals.routeless, 'none')}`,
    `runs that left something different    ${totals.left}${goal(totals.left === 0, 'none')}`,
    ...(totals.echoesPerHour === 0
      ? []
      : [
          `echoes an hour                        ${totals.echoesPerHour.toFixed(0)}, at most ${totals.busiestMinute} in a minute through a line`,
        ]),
  ].join('\n');
}

const beforeMs = 30_000;
const afterMs = 5000;

/** What happened around a violation: faults, decisions, and where the kernel sent traffic. */
export function timeline(
  schedule: Schedule,
  observed: Observed,
  { atMs, property, text }: Violation,
): string {
  if (property === 'left over') return `  VIOLATED ${property}: ${text}`; // long after what caused it
  const [fromMs, toMs] = [atMs - beforeMs, atMs + afterMs];
  const isNear = (ms: number): boolean => ms >= fromMs && ms <= toMs;
  const lines = [
    ...schedule.faults
      .filter((fault) => fault.atMs <= toMs && endOf(fault) >= fromMs)
      .map((fault) => ({ atMs: fault.atMs, text: `fault    ${describe(fault, schedule.lines).trim()}` })),
    ...observed.decisions
      .filter((each) => isNear(each.atMs))
      .map((each) => ({ atMs: each.atMs, text: `said     ${each.text}` })),
    ...observed.active
      .filter((each) => isNear(each.atMs))
      .map(({ atMs, line }) => ({
        atMs,
        text: `kernel   through ${line === undefined ? 'nothing' : observed.lines[line]}`,
      })),
    { atMs, text: `VIOLATED ${property}: ${text}` },
  ];
  lines.sort((a, b) => a.atMs - b.atMs);
  return lines.map((line) => `  ${seconds(line.atMs).padStart(12)}  ${line.text}`).join('\n');
}
