import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInside, startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';
import { type Crowd, createCrowd, crowdBinding, crowdTargets } from '../crowd.ts';
import type { EchoCost } from '../echo-sender.ts';
import type { Figure } from '../figures.ts';
import type { BenchOptions } from '../stage.ts';
import { trace } from '../trace.ts';

/** How long each rate is sustained, s: fewer than a hundred echoes say little. */
const rates: readonly { readonly perSecond: number; readonly seconds: number }[] = [
  { perSecond: 1, seconds: 20 },
  { perSecond: 10, seconds: 10 },
  { perSecond: 100, seconds: 8 },
  { perSecond: 1000, seconds: 8 },
];
const most = 3; // runs
const packagePerSecond = 100; // a process for each: beyond that, no processor is left for anything else

interface Cost {
  readonly ours: number;
  readonly fping: number;
  readonly program: number | undefined; // the ping package, where it can sustain the rate
}

/**
 * The CPU that an echo costs, ours compared with fping and the ping package, in the same run and the same
 * network.
 */
export async function echo({ runs }: BenchOptions) {
  const crowd = await createCrowd(1);
  try {
    const costs = new Map<number, Cost[]>();
    for (const { perSecond, seconds } of rates) {
      const found: Cost[] = [];
      for (let i = 0; i < Math.min(runs, most); i += 1) found.push(await compare(crowd, perSecond, seconds));
      costs.set(perSecond, found);
    }
    const result = [...costs].flatMap(([perSecond, found]) => figures(perSecond, found));
    result.push(atTheirBest(costs));
    return { result, withoutDefaultMs: 0 };
  } finally {
    await crowd.close();
  }
}

async function compare(crowd: Crowd, perSecond: number, seconds: number): Promise<Cost> {
  const cost = {
    ours: await ourCost('ping sockets', perSecond, seconds),
    fping: await fpingCost(crowd, perSecond, seconds),
    program: perSecond > packagePerSecond ? undefined : await ourCost('ping program', perSecond, seconds),
  };
  trace(`${perSecond} echoes a second: ${JSON.stringify(cost)}`);
  return cost;
}

function figures(perSecond: number, costs: readonly Cost[]): Figure[] {
  const at = `at ${perSecond.toLocaleString('en')} a second`;
  const figure = (what: string, unit: Figure['unit'], of: (cost: Cost) => number | undefined): Figure => ({
    what: `CPU of one echo ${at}, ${what}`,
    unit,
    values: costs.flatMap((cost) => of(cost) ?? []),
  });
  const all = [
    figure('ours', 'µs', ({ ours }) => ours),
    figure('`fping -l`', 'µs', ({ fping }) => fping),
    figure('`ping` package', 'µs', ({ program }) => program),
    {
      ...figure('ours : `fping -l`', '×', ({ ours, fping }) => ours / fping),
      ...(perSecond === 1000 && { target: 1.5 }),
    },
    figure('`ping` package : ours', '×', ({ ours, program }) => program && program / ours),
  ];
  return all.filter(({ values }) => values.length > 0);
}

/**
 * Each at the highest rate it was given: any process that wakes up for a single echo pays for the wake-up.
 */
function atTheirBest(costs: ReadonlyMap<number, readonly Cost[]>): Figure {
  const programs = costs.get(packagePerSecond) ?? [];
  const ours = costs.get(1000) ?? [];
  return {
    what: 'CPU of one echo, `ping` package at 100 a second (it cannot sustain 1,000) : ours at 1,000 a second',
    unit: '×',
    values: ours.map((cost, i) => (programs[i]?.program ?? Number.NaN) / cost.ours),
    target: 50,
    atLeast: true,
  };
}

/**
 * The cost of our own echoes, in a process of their own. µs. @throws {Error} when echoes stay unanswered, as
 * those cost differently
 */
async function ourCost(
  means: 'ping sockets' | 'ping program',
  perSecond: number,
  seconds: number,
): Promise<number> {
  const sender = nodeCommand('bench/echo-sender.ts');
  const { code, stdout, stderr } = await runInside(
    'router',
    [...sender, means, String(perSecond), String(seconds)],
    { timeoutMs: 60_000 },
  );
  if (code !== 0) throw new Error(`The sender of echoes ended with ${code}: ${stderr.trim()}`);
  const { sent, answered, cpuUs } = JSON.parse(stdout) as EchoCost; // our own program prints it
  if (answered < 0.9 * sent) throw new Error(`Of ${sent} echoes by the ${means} ${answered} were answered`);
  return cpuUs / sent;
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
