import { setTimeout as sleep } from 'node:timers/promises';
import { createCrowd } from '../crowd.ts';
import { startCrowdDaemon } from '../crowd-daemon.ts';
import type { Figure } from '../figures.ts';
import { pssOf } from '../pss.ts';
import type { BenchOptions } from '../stage.ts';
import { trace } from '../trace.ts';

const counts = [10, 100, 1000];
const settleMs = 20_000; // the engine compiles what is used much, and what was needed to start is cleared away
const measureMs = 20_000; // two of the store's writes
const most = 3; // runs
const ofOneCore = 15; // %, for the thousand
const growth = 1.2;

interface Load {
  readonly cpuPercent: number; // of one core
  readonly resultUs: number;
  readonly delayMs: number;
  readonly pssMb: number;
}

/** The real daemon with ever more providers, each a device and checked once a second. */
export async function providers({ runs }: BenchOptions) {
  const loads = new Map<number, Load[]>(counts.map((count) => [count, []]));
  for (let i = 0; i < Math.min(runs, most); i += 1) {
    for (const count of counts) loads.get(count)?.push(await load(count));
  }
  const result = counts.flatMap((count) => figures(count, loads.get(count) ?? []));
  const costs = (count: number): number[] => (loads.get(count) ?? []).map(({ resultUs }) => resultUs);
  const values = costs(1000).map((cost, i) => cost / (costs(100)[i] ?? Number.NaN));
  result.push({ what: 'CPU of one result, 1,000 providers : 100', unit: '×', values, target: growth });
  return { result, withoutDefaultMs: 0 };
}

async function load(count: number): Promise<Load> {
  const crowd = await createCrowd(count);
  try {
    const daemon = await startCrowdDaemon(crowd);
    await sleep(settleMs);
    await daemon.observe();
    const before = await crowd.echoes();
    await sleep(measureMs);
    const { cpuMs } = await daemon.observe();
    const results = (await crowd.echoes()) - before; // while all is well, an echo each
    const pssMb = pssOf(daemon.pid);
    await daemon.observe('delay');
    await sleep(measureMs / 2);
    const { delayMs } = await daemon.observe();
    await daemon.stop();
    const found = {
      cpuPercent: (100 * cpuMs) / measureMs,
      resultUs: (1000 * cpuMs) / results,
      delayMs,
      pssMb,
    };
    trace(`${count} providers, ${results} results: ${JSON.stringify(found)}`);
    return found;
  } finally {
    await crowd.close();
  }
}

function figures(count: number, loads: readonly Load[]): Figure[] {
  const name = `${count.toLocaleString('en')} providers, a check each a second`;
  const isMost = count === counts.at(-1);
  return [
    {
      what: `${name}: CPU, of one core`,
      unit: '%',
      values: loads.map(({ cpuPercent }) => cpuPercent),
      ...(isMost && { target: ofOneCore }),
    },
    { what: `${name}: CPU of one result`, unit: 'µs', values: loads.map(({ resultUs }) => resultUs) },
    {
      what: `${name}: delay of the event loop, 99th percentile`,
      unit: 'ms',
      values: loads.map(({ delayMs }) => delayMs),
    },
    {
      what: `${name}: memory of the daemon and its children (PSS)`,
      unit: 'MB',
      values: loads.map(({ pssMb }) => pssMb),
    },
  ];
}
