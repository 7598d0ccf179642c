import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../src/lab/now.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, carrierOf, onStage, type Stage } from '../stage.ts';
import { trace } from '../trace.ts';

const count = 100;
const gaps = { least: 4, most: 6 }; // in multiples of `minOutage` or the interval, whichever is longer

/**
 * The provider that carries the traffic stalls for less than `minOutage`, a hundred times: no failover. No
 * failback either, so that each failover is seen.
 */
export async function stalls({ long }: BenchOptions) {
  const fast = await onStage({ reaction: 'fast', failback: 'never' }, (stage) =>
    stall(stage, { name: "`reaction: 'fast'`", minOutageMs: 300, intervalMs: 100 }),
  );
  if (!long) return fast;
  const calm = await onStage({ failback: 'never' }, (stage) =>
    stall(stage, { name: 'default settings', minOutageMs: 1000, intervalMs: 1000 }),
  );
  const busy = await onStage({ failback: 'never' }, async (stage) => {
    const flow = await stage.lab.flow(); // its silence has the line checked at once
    const name = 'default settings, with traffic';
    const figures = await stall(stage, { name, minOutageMs: 1000, intervalMs: 1000 });
    flow.close();
    return figures;
  });
  const all = [fast, calm, busy];
  return {
    result: all.flatMap(({ result }) => result),
    withoutDefaultMs: all.reduce((sum, { withoutDefaultMs }) => sum + withoutDefaultMs, 0),
  };
}

async function stall(
  { lab, daemon, watch, snapshot }: Stage,
  { name, minOutageMs, intervalMs }: { name: string; minOutageMs: number; intervalMs: number },
): Promise<Figure[]> {
  const switches = (): number => watch.report(4).switches + watch.report(6).switches;
  const gap = (): Promise<void> =>
    sleep((gaps.least + Math.random() * (gaps.most - gaps.least)) * Math.max(minOutageMs, intervalMs));
  const lengths: number[] = [];
  let failovers = 0;
  await gap();
  while (lengths.length < count) {
    const before = switches();
    const said = daemon.lines.length;
    const provider = carrierOf(await snapshot(), 4);
    const from = await lab.cut(provider);
    await sleep(Math.random() * 0.95 * minOutageMs - (now() - from));
    await lab.heal(provider);
    const ms = now() - from; // at most: by now it is over in both families
    await gap();
    trace(
      `stall of ${ms.toFixed(0)} ms at ${new Date(from).toISOString()}: ${switches() - before} failovers`,
    );
    // On a busy machine a stall may last longer than intended: that is an outage, and moving then is right.
    if (ms >= minOutageMs) continue;
    lengths.push(ms);
    failovers += switches() - before;
    if (switches() > before) for (const line of daemon.lines.slice(said)) process.stderr.write(`  ${line}\n`);
  }
  return [
    {
      what: `${count} stalls shorter than \`minOutage\`, ${name}: failovers, both families`,
      unit: 'times',
      values: [failovers],
      target: 0,
    },
    { what: `length of those stalls (\`minOutage\`: ${minOutageMs} ms)`, unit: 'ms', values: lengths },
  ];
}
