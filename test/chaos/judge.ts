/** Judges a run by the truth. */
import { type Cell, cellsOf, settleMs } from './cells.ts';
import { idealAvailability } from './ideal.ts';
import { misjudgedMs } from './misjudged.ts';
import { whyNeedless } from './needless.ts';
import type { Observed } from './observed.ts';

/** The configuration's times, which a run is judged by. */
export interface Times {
  readonly minOutageMs: number;
  readonly checkIntervalMs: number;
  readonly slackMs?: number; // what else may delay a detection. @default 0
}

/** Something that must not happen, when it was seen. */
export interface Violation {
  readonly property: Property;
  readonly atMs: number;
  readonly text: string;
}

/** What must never happen. */
export type Property = 'dead line' | 'needless switch' | 'no route' | 'left over';

/** How a run went. Shares are of the packets of a steady flow. */
export interface Judgement {
  readonly hours: number;
  readonly availability: number; // what got through
  readonly possible: number; // had every packet taken the best line of its instant
  readonly ideal: number; // with an ideal detector
  readonly switches: number;
  readonly needless: number;
  readonly misjudgedMs: number; // lines called unreliable although they had been fine for a minute
  readonly deadMs: number; // on a dead line beyond `deadLimitMs` while another passed
  readonly routeless: number; // instants without a default route
  readonly withoutRouteMs: number;
  readonly echoes: number;
  readonly busiestMinute: number; // echoes through one line
  readonly violations: readonly Violation[];
}

const startMs = 1200; // a start may take so long
const noticeMs = 100; // a line to which the kernel turned by itself, as the first of ours lost its carrier
const passes = 0.5; // a line that loses less than this is not dead

/** How long traffic may stay on a dead line while another passes. */
export function deadLimitMs({ minOutageMs, checkIntervalMs, slackMs = 0 }: Times): number {
  return minOutageMs + 1.6 * checkIntervalMs + slackMs;
}

/** Judges a run. */
export function judge(observed: Observed, times: Times): Judgement {
  const cells = cellsOf(observed);
  const counts = ({ excused, absent, fromMs }: Cell): boolean => !excused && !absent && fromMs >= settleMs;
  const judged = cells.filter(counts);
  const totalMs = judged.reduce((sum, cell) => sum + length(cell), 0);
  const mean = (share: (cell: Cell) => number): number =>
    judged.reduce((sum, cell) => sum + length(cell) * share(cell), 0) / totalMs;
  const dead = deadTimes(observed, cells, times);
  const needless = observed.switches.flatMap((each) => whyNeedless(observed, each, times));
  const gaps = observed.gaps.map(
    ({ atMs, ms }): Violation => ({
      property: 'no route',
      atMs,
      text: `no default route for ${ms.toFixed(0)} ms, though there could have been one`,
    }),
  );
  const left = observed.left.map(
    (text): Violation => ({ property: 'left over', atMs: observed.forMs, text }),
  );
  return {
    hours: observed.forMs / 3_600_000,
    availability: mean(shareOfActive),
    possible: mean(({ shares }) => Math.max(...shares)),
    ideal: idealAvailability(cells, times, counts),
    switches: observed.switches.length,
    needless: needless.length,
    misjudgedMs: misjudgedMs(observed),
    deadMs: dead.reduce((sum, { ms }) => sum + ms, 0),
    routeless: gaps.length,
    withoutRouteMs: observed.gaps.reduce((sum, { ms }) => sum + ms, 0),
    echoes: observed.echoes,
    busiestMinute: observed.busiestMinute,
    violations: [...dead.map(({ violation }) => violation), ...needless, ...gaps, ...left],
  };
}

function length({ fromMs, toMs }: Cell): number {
  return toMs - fromMs;
}

function shareOfActive({ active, shares }: Cell): number {
  return active === undefined ? 0 : (shares[active] ?? 0);
}

function withAway(cell: Cell): Cell & { readonly isAway: boolean } {
  return { ...cell, isAway: cell.absent || cell.excused };
}

interface Dead {
  readonly ms: number;
  readonly violation: Violation;
}

/** The times beyond the limit on a line through which nothing passes, while another passes. */
function deadTimes({ lines }: Observed, cells: readonly Cell[], times: Times): Dead[] {
  const found: Dead[] = [];
  const since: (number | undefined)[] = lines.map(() => 0); // it has passed
  const deadSince: (number | undefined)[] = lines.map(() => undefined);
  let presentSince = 0;
  let [carrier, carriesSince] = [cells[0]?.active, 0];
  for (const { fromMs, toMs, active, isAway, shares } of cells.map(withAway)) {
    if (active !== carrier) [carrier, carriesSince] = [active, fromMs];
    shares.forEach((share, line) => {
      since[line] = share >= passes ? (since[line] ?? fromMs) : undefined;
      deadSince[line] = share > 0 ? undefined : (deadSince[line] ?? fromMs);
    });
    if (isAway) presentSince = toMs + startMs;
    if (isAway || active === undefined || (shares[active] ?? 0) > 0) continue;
    const another = Math.min(...since.map((each) => each ?? Number.POSITIVE_INFINITY));
    const beganMs = Math.max(deadSince[active] ?? fromMs, another, presentSince);
    const blamedMs = Math.max(beganMs + deadLimitMs(times), carriesSince + noticeMs);
    const ms = toMs - Math.max(fromMs, blamedMs);
    if (ms <= 0) continue;
    const text = `${lines[active]} is dead and carries the traffic ${ms.toFixed(0)} ms longer than it may`;
    found.push({ ms, violation: { property: 'dead line', atMs: toMs - ms, text } });
  }
  return found;
}
