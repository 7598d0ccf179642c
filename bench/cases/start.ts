import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { now } from '../../src/lab/now.ts';
import { type Fib, watchFib } from '../fib.ts';
import type { Figure } from '../figures.ts';
import { memoryOf, type ProcessMemory, total } from '../pss.ts';
import { type BenchOptions, isps } from '../stage.ts';

const most = 10; // starts: they do not depend on the phase of a check

/**
 * The daemon starts on a router without any route of ours, with no stored state, and again with that of the start
 * before. It removes its routes at the end of each run.
 */
export async function start({ runs }: BenchOptions) {
  const lab = await createLab({ isps });
  let fib: Fib | undefined;
  try {
    fib = await watchFib(lab);
    const well: number[] = [];
    const memory: (readonly ProcessMemory[])[] = [];
    for (let i = 0; i < Math.min(runs, most); i++) {
      const found = await startOnce(lab, fib, 'fibre');
      well.push(found.ms);
      memory.push(found.memory);
    }
    const again: number[] = [];
    for (let i = 0; i < Math.min(runs, most); i++)
      again.push((await startOnce(lab, fib, 'fibre', { settleMs: 500, isFirst: false })).ms);
    const all: (readonly ProcessMemory[])[] = [];
    for (let i = 0; i < Math.min(runs, 3); i++)
      all.push((await startOnce(lab, fib, 'fibre', { settings: everything })).memory);
    await lab.cut('fibre');
    const broken: number[] = [];
    for (let i = 0; i < Math.min(runs, most); i++)
      broken.push((await startOnce(lab, fib, 'cable', { settleMs: 0 })).ms);
    const result: Figure[] = [
      {
        what: 'start: from exec to the default routes of both families',
        unit: 'ms',
        values: well,
        target: 350,
      },
      {
        what: 'start again, with the same configuration: from exec to the default routes of both families',
        unit: 'ms',
        values: again,
        target: 350,
      },
      {
        what: 'start while the first provider is dead: to the routes of one that works',
        unit: 'ms',
        values: broken,
      },
      {
        what: 'memory of the daemon and its children (PSS), 3 providers',
        unit: 'MB',
        values: memory.map(total),
        target: 50,
      },
      ...memoryFigures(all),
      { what: 'memory (PSS) of an idle Node.js, for scale', unit: 'MB', values: [await idleMb()] },
    ];
    return { result, withoutDefaultMs: 0 }; // before the first start there is no default route
  } finally {
    fib?.close();
    await lab.close();
  }
}

/** Scenarios of every kind, so that everything loaded on first use is loaded. */
const everything = {
  testScenarios: [
    { ping: 'gateway' },
    { neighbour: true },
    { tcp: '1.1.1.1:443', tls: true },
    { http: 'https://1.1.1.1/' },
    { dns: 'example.org', server: '1.1.1.1' },
    { exec: ['true'] },
    { ping: '1.1.1.1' },
  ],
};

function memoryFigures(runs: readonly (readonly ProcessMemory[])[]): Figure[] {
  const of = (what: string, is: (process: ProcessMemory) => boolean): Figure => ({
    what: `memory with scenarios of every kind (PSS): ${what}`,
    unit: 'MB',
    values: runs.map((processes) => total(processes.filter(is))),
  });
  const isOurs = ({ command }: ProcessMemory): boolean => /^failover run/.test(command);
  return [
    { ...of('all processes', () => true), target: 60 },
    of('the daemon itself', isOurs),
    of('`ip`, its children', ({ command }) => /^ip /.test(command)),
    of('other children', (process) => !isOurs(process) && !/^ip /.test(process.command)),
  ];
}

/** A process that does nothing. */
async function idleMb(): Promise<number> {
  const idle = startInside('router', [process.execPath, '-e', 'setInterval(() => undefined, 1e6)']);
  await sleep(3000);
  const [own] = memoryOf(idle.pid ?? 0);
  idle.kill('SIGKILL');
  return own?.pssMb ?? Number.NaN;
}

interface StartOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly settleMs?: number; // before memory is measured and the daemon stopped. @default 4000
  readonly isFirst?: boolean; // without stored state. @default true
}

async function startOnce(
  lab: Lab,
  fib: Fib,
  provider: string,
  { settings = {}, settleMs = 4000, isFirst = true }: StartOptions = {},
): Promise<{ ms: number; memory: readonly ProcessMemory[] }> {
  if (isFirst) await rm(join(lab.folder, 'state'), { recursive: true, force: true });
  const { device } = lab.isp(provider);
  const at = now();
  const daemon = await lab.daemon({ config: lab.config({ onStop: 'remove', ...settings }) });
  const routes = await Promise.all(
    families.map((family) =>
      fib.next(
        at,
        (event) => event.type === 'default' && event.family === family && event.device === device,
        30_000,
      ),
    ),
  );
  await sleep(settleMs); // checks, file watchers, the first save
  const memory = memoryOf(daemon.pid);
  await daemon.stop();
  return { ms: Math.max(...routes.map((route) => route.at)) - at, memory };
}
