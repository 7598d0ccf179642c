/**
 * An ideal detector: it tolerates `minOutage` and needs half an interval more to see that a line is dead, half an
 * interval to see that it passes again, nothing to see an obstacle, and a minute to see that a line loses a quarter of
 * its packets. It moves at once, and only when it must.
 */
import type { Cell } from './cells.ts';
import type { Times } from './judge.ts';

const lossyMs = 60_000;
const lossy = 0.75; // of packets get through
const muchBetter = 0.2;

/** The share of packets that get through with it, of the cells that count. It sees nothing while the daemon is away. */
export function idealAvailability(
  cells: readonly Cell[],
  { minOutageMs, checkIntervalMs }: Times,
  counts: (cell: Cell) => boolean,
): number {
  const lines = (cells[0]?.shares ?? []).map(() => new IdealLine(minOutageMs, checkIntervalMs));
  let chosen = 0;
  let [passedMs, totalMs] = [0, 0];
  for (const cell of cells) {
    lines.forEach((each, line) => {
      each.see(cell, line);
    });
    for (const [fromMs, toMs] of slices(cell, lines)) {
      if (!cell.absent) chosen = choose(lines, chosen, fromMs);
      if (!counts(cell)) continue;
      passedMs += (toMs - fromMs) * (cell.shares[chosen] ?? 0);
      totalMs += toMs - fromMs;
    }
  }
  return passedMs / totalMs;
}

/** A cell, cut where something becomes known. */
function slices({ fromMs, toMs }: Cell, lines: readonly IdealLine[]): [number, number][] {
  const instants = lines.flatMap((each) => each.changes(fromMs, toMs));
  const cuts = [fromMs, ...instants.sort((a, b) => a - b), toMs];
  return cuts.slice(1).map((end, i) => [cuts[i] ?? end, end]);
}

/** Stays unless another line is known to be better. */
function choose(lines: readonly IdealLine[], chosen: number, atMs: number): number {
  const worth = lines.map((line) => line.worth(atMs));
  const best = worth.indexOf(Math.max(...worth));
  const isMuchBetter = (worth[best] ?? 0) > (worth[chosen] ?? 0) + muchBetter;
  return isMuchBetter ? best : chosen;
}

/** What is known of one line. */
class IdealLine {
  readonly #deadMs: number;
  readonly #aliveMs: number;
  #share = 1;
  #isObstructed = false;
  #since = Number.NEGATIVE_INFINITY; // of the present kind of line
  #wasDead = false;

  constructor(minOutageMs: number, checkIntervalMs: number) {
    this.#deadMs = minOutageMs + checkIntervalMs / 2;
    this.#aliveMs = checkIntervalMs / 2;
  }

  see({ fromMs, toMs, shares, obstacles, absent }: Cell, line: number): void {
    const share = shares[line] ?? 0;
    const isObstructed = obstacles[line] ?? false;
    if (kindOf(share, isObstructed) !== kindOf(this.#share, this.#isObstructed)) {
      this.#wasDead = this.worth(fromMs) === 0;
      this.#since = fromMs;
    }
    this.#share = share;
    this.#isObstructed = isObstructed;
    if (absent && share < lossy) this.#since = toMs;
  }

  /** When it becomes known what it is now, if that is between two instants. */
  changes(fromMs: number, toMs: number): number[] {
    return [this.#deadMs, this.#aliveMs, lossyMs]
      .map((ms) => this.#since + ms)
      .filter((ms) => ms > fromMs && ms < toMs);
  }

  /** What is known to get through. */
  worth(atMs: number): number {
    const ms = atMs - this.#since;
    if (this.#isObstructed) return 0;
    if (this.#share === 0) return this.#wasDead || ms >= this.#deadMs ? 0 : 1;
    if (this.#wasDead && ms < this.#aliveMs) return 0;
    return this.#share < lossy && ms < lossyMs ? 1 : this.#share;
  }
}

function kindOf(share: number, isObstructed: boolean): string {
  if (isObstructed) return 'obstructed';
  if (share === 0) return 'dead';
  return share < lossy ? `lossy ${share}` : 'well';
}
