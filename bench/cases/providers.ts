import { setTimeout as sleep } from 'node:timers/promises';
import { compileIfChanged } from '../../src/process/compile.mjs';
import { programFolder } from '../../src/process/program.ts';
import { cpuMsOf } from '../cpu.ts';
import { type Crowd, createCrowd } from '../crowd.ts';
import { startCrowdDaemon } from '../crowd-daemon.ts';
import { type Figure, median } from '../figures.ts';
import { pssOf } from '../pss.ts';
import type { BenchOptions } from '../stage.ts';
import { trace } from '../trace.ts';

const counts = [10, 100, 1000];
const settleMs = 15_000; // the engine compiles hot code, and garbage from the start is collected
const measureMs = 20_000; // two of the store's writes
const most = 3; // runs; of a count without a target of its own, one
const targets: Readonly<Record<number, { cpuPercent?: number; pssMb?: number }>> = {
  10: { cpuPercent: 0.6 },
  1000: { cpuPercent: 12, pssMb: 150 },
};
const growth = 1.2;
const fast = { checkInterval: 0.02, minOutage: 0.06 };
const fastUs = 300;

interface Cost {
  readonly cpuPercent: number; // of one core
  readonly resultUs: number;
  readonly pssMb: number;
}

/**
 * The real daemon with more and more providers, each a device and checked once a second; and with two that
 * are checked fast.
 */
export async function providers({ runs }: BenchOptions) {
  await compileIfChanged(programFolder);
  const loads = new Map<number, Cost[]>(counts.map((count) => [count, []]));
  const delays = new Map<number, number>();
  for (const count of counts) delays.set(count, await inCrowd(count, delayMs));
  const fastUsages: number[] = [];
  for (let i = 0; i < Math.min(runs, most); i += 1) {
    fastUsages.push((await inCrowd(2, (crowd) => cost(crowd, fast))).resultUs);
    for (const count of i === 0 ? counts : Object.keys(targets).map(Number))
      loads.get(count)?.push(await inCrowd(count, cost));
  }
  const result = counts.flatMap((count) => figures(count, loads.get(count) ?? [], delays.get(count)));
  const costs = (count: number): number[] => (loads.get(count) ?? []).map(({ resultUs }) => resultUs);
  const values = costs(1000).map((cost) => cost / median(costs(100)));
  result.push({ what: 'CPU of one result, 1,000 providers : 100', unit: '×', values, target: growth });
  const what = 'CPU of one result, 2 providers, `checkInterval: 0.02, minOutage: 0.06`';
  result.push({ what, unit: 'µs', values: fastUsages, target: fastUs });
  return { result, withoutDefaultMs: 0 };
}

async function inCrowd<T>(count: number, body: (crowd: Crowd) => Promise<T>): Promise<T> {
  const crowd = await createCrowd(count);
  try {
    const found = await body(crowd);
    trace(`${count} providers: ${JSON.stringify(found)}`);
    return found;
  } finally {
    await crowd.close();
  }
}

/** The cost of the daemon as the service starts it, its children included. */
async function cost(crowd: Crowd, settings: Readonly<Record<string, unknown>> = {}): Promise<Cost> {
  const daemon = await startCrowdDaemon(crowd, settings, { kind: 'as the service does' });
  await sleep(settleMs);
  const [cpuMs, echoes] = [cpuMsOf(daemon.pid), await crowd.echoes()];
  await sleep(measureMs);
  const usedMs = cpuMsOf(daemon.pid) - cpuMs;
  const results = (await crowd.echoes()) - echoes; // one echo each while all is well
  const pssMb = pssOf(daemon.pid);
  await daemon.stop();
  return { cpuPercent: (100 * usedMs) / measureMs, resultUs: (1000 * usedMs) / results, pssMb };
}

/** Of the event loop, the 99th percentile, in a daemon of its own, as measuring it costs CPU. */
async function delayMs(crowd: Crowd): Promise<number> {
  const daemon = await startCrowdDaemon(crowd);
  await sleep(settleMs / 2);
  await daemon.observe('delay');
  await sleep(measureMs / 2);
  const { delayMs: found } = await daemon.observe();
  await daemon.stop();
  return found;
}

function figures(count: number, loads: readonly Cost[], delay = Number.NaN): Figure[] {
  const name = `${count.toLocaleString('en')} providers, a check each a second`;
  const { cpuPercent, pssMb } = targets[count] ?? {};
  return [
    {
      what: `${name}: CPU, of one core`,
      unit: '%',
      values: loads.map((each) => each.cpuPercent),
      ...(cpuPercent !== undefined && { target: cpuPercent }),
    },
    { what: `${name}: CPU of one result`, unit: 'µs', values: loads.map(({ resultUs }) => resultUs) },
    {
      what: `${name}: delay of the event loop, 99th percentile`,
      unit: 'ms',
      values: [delay],
    },
    {
      what: `${name}: memory of the daemon and its children (PSS)`,
      unit: 'MB',
      values: loads.map((each) => each.pssMb),
      ...(pssMb !== undefined && { target: pssMb }),
    },
  ];
}
