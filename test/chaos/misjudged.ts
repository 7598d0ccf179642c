/** How long lines were called unreliable although nothing had been wrong with them for a minute. */
import type { Observed } from './observed.ts';

const fine = 0.95; // of packets get through
const graceMs = 60_000; // for what was wrong before to leave the window

/** The sum over all lines, ms. */
export function misjudgedMs({ forMs, lines, truth, verdicts }: Observed): number {
  let sum = 0;
  for (const line of lines.keys()) {
    const own = verdicts.filter((each) => each.line === line);
    const instants = [...truth.boundaries, ...own.map(({ atMs }) => atMs)].filter(
      (ms) => ms > 0 && ms < forMs,
    );
    const cuts = [...new Set([0, ...instants, forMs])].sort((a, b) => a - b);
    let fineSince = 0;
    for (const [i, toMs] of cuts.slice(1).entries()) {
      const fromMs = cuts[i] ?? toMs;
      const { share, obstacle } = truth.at(line, fromMs);
      if (share < fine || obstacle) fineSince = toMs;
      else if (own.findLast(({ atMs }) => atMs <= fromMs)?.health === 'unreliable')
        sum += Math.max(0, toMs - Math.max(fromMs, fineSince + graceMs));
    }
  }
  return sum;
}
