/**
 * Which switches were needless. A line is left needlessly when it was fine: nine of ten packets of the last 10 s passed,
 * no obstacle and no outage as long as `minOutage` touched the last 3 s, it does not lose a fifth of its packets now, and
 * it did not flap. A move back to a preferred line needs no such reason. A line is reached needlessly when it is worse
 * than the one that was left, and that could be known: dead for longer than a detection takes, or much more loss in the
 * last 30 s.
 */
import { settleMs } from './cells.ts';
import { deadLimitMs, type Times, type Violation } from './judge.ts';
import type { Observed, Switch } from './observed.ts';
import type { Condition } from './truth.ts';

const recentMs = 10_000;
const latelyMs = 3000; // a verdict may come this long after the end of what caused it
const longerMs = 30_000;
const flapsMs = 120_000;
const muchLess = 0.2; // of packets

/** Why a switch was needless; nothing if it was not. */
export function whyNeedless(
  observed: Observed,
  { atMs, from, to, reason }: Switch,
  times: Times,
): Violation[] {
  if (from === undefined || to === undefined || atMs < settleMs || from === to) return [];
  const { lines, truth } = observed;
  const [left, chosen] = [lines[from] ?? '', lines[to] ?? ''];
  const violation = (why: string): Violation[] => [
    { property: 'needless switch', atMs, text: `${left} → ${chosen}, ${why}; said: ${reason}` },
  ];
  const [before, after] = [history(observed, from, atMs), history(observed, to, atMs)];
  const isMuchLess = (a: number, b: number): boolean => a < b - muchLess;
  const isWorseNow = isMuchLess(truth.at(to, atMs).share, truth.at(from, atMs).share);
  if (isWorseNow && after.deadMs > deadLimitMs(times))
    return violation(`dead for ${after.deadMs.toFixed(0)} ms`);
  if (isWorseNow && isMuchLess(after.longer, before.longer))
    return violation(
      `from ${percent(before.longer)} to ${percent(after.longer)} that passed in the last 30 s`,
    );
  const isFailback = to < from;
  const isLossy = isMuchLess(truth.at(from, atMs).share, 1);
  const wasFine = before.recent > 0.9 && before.longestMs < 0.9 * times.minOutageMs && before.outages < 3;
  if (isFailback || isLossy || !wasFine) return [];
  return violation(`but of the last 10 s ${percent(before.recent)} passed on ${left}`);
}

interface History {
  readonly recent: number; // share that passed in the last 10 s
  readonly longer: number; // in the last 30 s
  readonly deadMs: number; // how long nothing has passed until now
  readonly longestMs: number; // outage that touches the last 3 s; infinite: an obstacle
  readonly outages: number; // in the last 2 min
}

function history(observed: Observed, line: number, atMs: number): History {
  const pieces = piecesOf(observed, line, atMs);
  let [longestMs, outages, deadMs] = [0, 0, 0];
  for (const { fromMs, toMs, share, obstacle } of pieces) {
    if (share === 0 && deadMs === 0) outages += 1;
    deadMs = share > 0 ? 0 : deadMs + toMs - fromMs;
    const lastedMs = obstacle ? Number.POSITIVE_INFINITY : deadMs;
    if (toMs > atMs - latelyMs) longestMs = Math.max(longestMs, lastedMs);
  }
  const passed = (ms: number): number => meanShare(pieces, atMs - ms, ms);
  return { recent: passed(recentMs), longer: passed(longerMs), deadMs, longestMs, outages };
}

type Piece = Condition & { readonly fromMs: number; readonly toMs: number };

/** The last two minutes of a line, cut where something changes, and where the times that are looked at begin. */
function piecesOf({ truth }: Observed, line: number, atMs: number): Piece[] {
  const cuts = [flapsMs, longerMs, recentMs, latelyMs, 0].map((ms) => atMs - ms);
  const instants = truth.boundaries.filter((ms) => ms > atMs - flapsMs && ms < atMs);
  const all = [...new Set([...cuts, ...instants])].sort((a, b) => a - b);
  return all.slice(1).map((toMs, i) => {
    const fromMs = all[i] ?? toMs;
    return { fromMs, toMs, ...truth.at(line, fromMs) };
  });
}

function meanShare(pieces: readonly Piece[], sinceMs: number, ofMs: number): number {
  let sum = 0;
  for (const { fromMs, toMs, share } of pieces) if (fromMs >= sinceMs) sum += (toMs - fromMs) * share;
  return sum / ofMs;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
