import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';
import { type Fib, watchFib } from '../fib.ts';
import { type Figure, median } from '../figures.ts';
import { type BenchOptions, isps, isWell, onStage } from '../stage.ts';
import { trace } from '../trace.ts';

const target = '9.9.9.9';
const target6 = '2620:fe::fe';
const calmMs = 12_000; // four GETs
const most = 10; // runs, spread over the phases of a check
const pagesServer = `require('node:http').createServer((_, answer) => answer.writeHead(204).end()).listen(80)`;

/** What one method does in the lab. */
interface Reaction {
  readonly outagesMs: readonly number[]; // from the silent failure to the new route
  readonly packetsPerSecond: number; // IPv4, both directions, for one provider while all is well
}

/** Two simple models: what each tolerates is its shortest outage that can cause a switch. */
const models = {
  pings: { name: '3 failed pings at 1 s, 1 s timeout', toleratesMs: 2000, periodMs: 1000 },
  get: { name: 'one GET every 3 s, 1 s timeout', toleratesMs: 0, periodMs: 3000 },
} as const;
type Model = keyof typeof models;

/**
 * A silent upstream failure, detected by us and by two simple models in the same kind of lab: the time beyond
 * what each tolerates.
 */
export async function compare({ runs }: BenchOptions) {
  const count = Math.min(runs, most);
  const { result: ours, withoutDefaultMs } = await ownReaction(count);
  const result = figures('ours, default settings', ours, 1000);
  for (const model of ['pings', 'get'] as const) {
    const { name, toleratesMs } = models[model];
    const theirs = await modelReaction(model, count);
    result.push(...figures(name, theirs, toleratesMs), ...ratios(name, ours, theirs, toleratesMs));
  }
  return { result, withoutDefaultMs };
}

function beyond({ outagesMs }: Reaction, toleratesMs: number): number[] {
  return outagesMs.map((ms) => ms - toleratesMs);
}

function figures(name: string, reaction: Reaction, toleratesMs: number): Figure[] {
  const tolerated = `the ${toleratesMs / 1000} s it tolerates`;
  return [
    {
      what: `${name}: from a silent death to the new route, beyond ${tolerated}`,
      unit: 'ms',
      values: beyond(reaction, toleratesMs),
    },
    { what: `${name}: packets while all is well`, unit: 'a second', values: [reaction.packetsPerSecond] },
  ];
}

function ratios(name: string, ours: Reaction, theirs: Reaction, toleratesMs: number): Figure[] {
  const time = median(beyond(ours, 1000)) / median(beyond(theirs, toleratesMs));
  return [
    { what: `time beyond what is tolerated, ours : ${name}`, unit: '×', values: [time], target: 0.5 },
    {
      what: `packets, ours : ${name}`,
      unit: '×',
      values: [ours.packetsPerSecond / theirs.packetsPerSecond],
      target: 1.02,
    },
  ];
}

/** It probes one target, as the models do. */
function ownReaction(count: number): Promise<{ result: Reaction; withoutDefaultMs: number }> {
  const settings = { failback: true, failbackDelay: 0, testScenarios: [{ ping: target }, { ping: target6 }] };
  return onStage(settings, async ({ lab, fib, until }) => {
    const packetsPerSecond = await packets(lab, isps.length);
    const outagesMs: number[] = [];
    for (let i = 0; i < count; i += 1) {
      await until(({ active, paths }) => active[4][0] === 'fibre' && paths.every(isWell), 60_000);
      outagesMs.push(await cutOnce(lab, fib, (i + Math.random()) / count));
    }
    return { outagesMs, packetsPerSecond };
  });
}

async function modelReaction(model: Model, count: number): Promise<Reaction> {
  const lab = await createLab({ isps });
  let fib: Fib | undefined;
  try {
    fib = await watchFib(lab);
    const server = startInside('internet', [process.execPath, '-e', pagesServer]);
    server.stderr.resume();
    const said = await startModel(lab, model);
    const answered = (): boolean => said.at(-1) === 'passed';
    const { periodMs } = models[model];
    await lab.waitFor(answered, {
      timeoutMs: 30_000,
      what: () => `An answer to the model (its output: ${said.slice(-5).join('; ')})`,
    });
    const packetsPerSecond = await packets(lab, 1);
    const outagesMs: number[] = [];
    for (let i = 0; i < count; i += 1) {
      await lab.waitFor(answered, { timeoutMs: 30_000, what: 'The return of the model' });
      await sleep(periodMs);
      outagesMs.push(await cutOnce(lab, fib, (i + Math.random()) / count, periodMs));
      said.length = 0;
    }
    return { outagesMs, packetsPerSecond };
  } finally {
    fib?.close();
    await lab.close();
  }
}

/** Starts it in the router; its output is appended to the list. */
async function startModel(lab: Lab, model: Model): Promise<string[]> {
  const [home, away] = [lab.isp('fibre'), lab.isp('cable')];
  const gateway = (isp: typeof home): string => isp.ends[4]?.gateway ?? '';
  // Its checks go through the provider it watches, whatever the default route.
  await lab.ip(`route replace ${target}/32 via ${gateway(home)} dev ${home.device}`);
  const routes = [home, away].map((isp) => `default via ${gateway(isp)} dev ${isp.device} metric 100`);
  const command = nodeCommand('bench/simple-model.ts');
  const child = startInside('router', [
    ...command,
    model,
    home.device,
    home.ends[4]?.address ?? '',
    target,
    ...routes,
  ]);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => said.push(line));
  return said;
}

/**
 * Cuts the first provider at a phase of its checks, 0..1, and heals it again. ms from the cut to the new
 * route.
 */
async function cutOnce(lab: Lab, fib: Fib, phase: number, periodMs = 1000): Promise<number> {
  await sleep(phase * periodMs);
  const { device } = lab.isp('fibre');
  const at = await lab.cut('fibre');
  const moved = await fib.next(
    at,
    (event) => event.type === 'default' && event.family === 4 && event.device !== device,
  );
  await lab.heal('fibre');
  trace(`phase ${phase.toFixed(2)}: ${(moved.at - at).toFixed(0)} ms`);
  return moved.at - at;
}

/**
 * IPv4 packets of the router, both directions, `watched`: how many providers they are for. Neighbour
 * discovery is not counted.
 */
async function packets(lab: Lab, watched: number): Promise<number> {
  const read = async (): Promise<number> => {
    const counters = await lab.run('router', ['cat', '/proc/net/snmp']);
    const [names = [], values = []] = counters
      .split('\n')
      .filter((line) => line.startsWith('Ip:'))
      .map((line) => line.split(' '));
    return Number(values[names.indexOf('InReceives')]) + Number(values[names.indexOf('OutRequests')]);
  };
  const before = await read();
  await sleep(calmMs);
  return ((await read()) - before) / (calmMs / 1000) / watched;
}
