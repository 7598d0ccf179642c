import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInside, startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';
import { type Crowd, createCrowd, crowdBinding, crowdTargets } from '../crowd.ts';
import type { EchoCost } from '../echo-sender.ts';
import { type Figure, median } from '../figures.ts';
import type { BenchOptions } from '../stage.ts';
import { trace } from '../trace.ts';

/** A rate, how long it is sustained, s, and how often. */
interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
  readonly most: number; // runs
}

const fullRate = 1000;

/** Fewer than a hundred echoes say little: the lowest rates are for scale, and take the longest. */
const rates: readonly Rate[] = [
  { perSecond: 1, seconds: 15, most: 1 },
  { perSecond: 10, seconds: 10, most: 1 },
  { perSecond: 100, seconds: 8, most: 3 },
  { perSecond: fullRate, seconds: 8, most: 3 },
];
const packagePerSecond = 100; // a process for each: beyond that, no processor is left for anything else

/** One run at one rate, µs an echo. */
interface Cost {
  readonly ours: number;
  readonly fping: number;
}

/** All runs at one rate. */
interface Costs {
  readonly perSecond: number;
  readonly runs: readonly Cost[];
  readonly program: number | undefined; // the ping package, where it can sustain the rate
}

/**
 * The CPU that an echo costs, ours compared with fping and the ping package, in the same run and the same
 * network.
 */
export async function echo({ runs }: BenchOptions) {
  const crowd = await createCrowd(1);
  try {
    // Once: nothing of ours depends on what the package costs to the microsecond.
    const programs = await ourCosts(
      'ping program',
      rates.filter(({ perSecond }) => perSecond <= packagePerSecond),
    );
    const found = new Map<number, Cost[]>(rates.map(({ perSecond }) => [perSecond, []]));
    for (let i = 0; i < runs; i += 1) {
      const due = rates.filter(({ most }) => i < most);
      if (due.length === 0) break;
      for (const [perSecond, cost] of await compare(crowd, due)) found.get(perSecond)?.push(cost);
    }
    const costs = rates.map(
      ({ perSecond }, n): Costs => ({ perSecond, runs: found.get(perSecond) ?? [], program: programs[n] }),
    );
    return { result: [...costs.flatMap(figures), atTheirBest(costs)], withoutDefaultMs: 0 };
  } finally {
    await crowd.close();
  }
}

/** One run at each of some rates. */
async function compare(crowd: Crowd, at: readonly Rate[]): Promise<Map<number, Cost>> {
  const ours = await ourCosts('ping sockets', at);
  const costs = new Map<number, Cost>();
  for (const [n, { perSecond, seconds }] of at.entries())
    costs.set(perSecond, { ours: ours[n] ?? Number.NaN, fping: await fpingCost(crowd, perSecond, seconds) });
  trace(JSON.stringify([...costs]));
  return costs;
}

function figures({ perSecond, runs, program }: Costs): Figure[] {
  const at = `CPU of one echo at ${perSecond.toLocaleString('en')} a second`;
  const ours = runs.map((cost) => cost.ours);
  const fping = runs.map((cost) => cost.fping);
  const times = ours.map((cost, i) => cost / (fping[i] ?? Number.NaN));
  const target = perSecond === fullRate ? { target: 1.5 } : {};
  const sockets: Figure[] = [
    { what: `${at}, ours`, unit: 'µs', values: ours },
    { what: `${at}, \`fping -l\``, unit: 'µs', values: fping },
    { what: `${at}, ours : \`fping -l\``, unit: '×', values: times, ...target },
  ];
  if (program === undefined) return sockets;
  return [
    ...sockets,
    { what: `${at}, \`ping\` package`, unit: 'µs', values: [program] },
    { what: `${at}, \`ping\` package : ours`, unit: '×', values: [program / median(ours)] },
  ];
}

/**
 * Each at the highest rate it was given: any process that wakes up for a single echo pays for the wake-up.
 */
function atTheirBest(costs: readonly Costs[]): Figure {
  const at = (rate: number): Costs | undefined => costs.find(({ perSecond }) => perSecond === rate);
  const program = at(packagePerSecond)?.program ?? Number.NaN;
  return {
    what: 'CPU of one echo, `ping` package at 100 a second (it cannot sustain 1,000) : ours at 1,000 a second',
    unit: '×',
    values: (at(fullRate)?.runs ?? []).map(({ ours }) => program / ours),
    target: 50,
    atLeast: true,
  };
}

/**
 * What our own echoes cost at each rate, in a process of their own. µs. @throws {Error} when echoes stay unanswered,
 * as those cost differently
 */
async function ourCosts(means: 'ping sockets' | 'ping program', at: readonly Rate[]): Promise<number[]> {
  const sender = nodeCommand('bench/echo-sender.ts');
  const { code, stdout, stderr } = await runInside(
    'router',
    [...sender, means, ...at.map(({ perSecond, seconds }) => `${perSecond}:${seconds}`)],
    { timeoutMs: 180_000 },
  );
  if (code !== 0) throw new Error(`The sender of echoes ended with ${code}: ${stderr.trim()}`);
  const costs = JSON.parse(stdout) as EchoCost[]; // our own program prints it
  return costs.map(({ sent, answered, cpuUs }) => {
    if (answered < 0.9 * sent) throw new Error(`Of ${sent} echoes by the ${means} ${answered} were answered`);
    return cpuUs / sent;
  });
}

/** µs. */
async function fpingCost(crowd: Crowd, perSecond: number, seconds: number): Promise<number> {
  // With the default -i it would send no more than 100 a second.
  const pace = ['-i', '0', '-p', String(1000 / perSecond)];
  const device = crowdBinding(0).interfaceName;
  const fping = startInside('router', ['fping', '-l', '-q', ...pace, '-I', device, crowdTargets[0]]);
  fping.stdout.resume();
  fping.stderr.resume();
  await sleep(1000);
  const cpuNs = (): number => Number(readFileSync(`/proc/${fping.pid}/schedstat`, 'utf8').split(' ')[0]);
  const [before, earlier] = [cpuNs(), await crowd.echoes()];
  await sleep(seconds * 1000);
  const [after, later] = [cpuNs(), await crowd.echoes()];
  fping.kill('SIGINT');
  return (after - before) / 1000 / (later - earlier);
}
