import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../src/lab/now.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, carrierOf, onStage, type Stage } from '../stage.ts';
import { trace } from '../trace.ts';

const count = 100;
const gaps = { least: 5, most: 8 }; // in multiples of what a stall is measured by

/** The provider that carries the traffic stalls for less than `minOutage`, a hundred times: no failover. */
export async function stalls({ long }: BenchOptions) {
  const fast = await onStage({ reaction: 'fast' }, (stage) =>
    stall(stage, { name: "`reaction: 'fast'`", minOutageMs: 300, intervalMs: 100 }),
  );
  if (!long) return fast;
  const calm = await onStage({}, (stage) =>
    stall(stage, { name: 'default settings', minOutageMs: 1000, intervalMs: 1000 }),
  );
  return {
    result: [...fast.result, ...calm.result],
    withoutDefaultMs: fast.withoutDefaultMs + calm.withoutDefaultMs,
  };
}

async function stall(
  { lab, watch, snapshot, daemon }: Stage,
  { name, minOutageMs, intervalMs }: { name: string; minOutageMs: number; intervalMs: number },
): Promise<Figure[]> {
  const before = watch.report(4).switches + watch.report(6).switches;
  const lengths: number[] = [];
  while (lengths.length < count) {
    const gap = gaps.least + Math.random() * (gaps.most - gaps.least);
    await sleep(gap * Math.max(minOutageMs, intervalMs));
    const provider = carrierOf(await snapshot(), 4);
    const from = await lab.cut(provider);
    await sleep(Math.random() * 0.95 * minOutageMs - (now() - from));
    const ms = (await lab.heal(provider)) - from;
    // A machine that stalls makes a stall longer than was meant: an outage like that may well be a failover.
    if (ms < minOutageMs * 0.99) lengths.push(ms);
    else trace(`a stall took ${ms.toFixed(0)} ms and does not count`);
  }
  await sleep(2 * Math.max(minOutageMs, intervalMs));
  const switches = watch.report(4).switches + watch.report(6).switches - before;
  const causes = daemon.lines.filter(
    (line) => /kind=(switch|health)/.test(line) && / is (down|unrel)| moves /.test(line),
  );
  for (const line of causes) trace(`${line}`);
  return [
    {
      what: `${count} stalls shorter than \`minOutage\`, ${name}: failovers, both families`,
      unit: 'times',
      values: [switches],
      target: 0,
    },
    { what: `length of those stalls (\`minOutage\`: ${minOutageMs} ms)`, unit: 'ms', values: lengths },
  ];
}
