import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { now } from '../../src/lab/now.ts';
import { type Fib, watchFib } from '../fib.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, isps } from '../stage.ts';

const most = 10; // starts: nothing about them is left to the phase of a check

/** The daemon starts on a router without any route of ours, with nothing remembered. Ends clean, so routes are made anew. */
export async function start({ runs }: BenchOptions) {
  const lab = await createLab({ isps });
  let fib: Fib | undefined;
  try {
    fib = await watchFib(lab);
    const well: number[] = [];
    const memory: number[] = [];
    for (let i = 0; i < Math.min(runs, most); i++) {
      const found = await startOnce(lab, fib, 'fibre');
      well.push(found.ms);
      memory.push(found.pssMb);
    }
    await lab.cut('fibre');
    const broken: number[] = [];
    for (let i = 0; i < Math.min(runs, most); i++) broken.push((await startOnce(lab, fib, 'cable')).ms);
    const result: Figure[] = [
      { what: 'start: from exec to the default routes of both families', unit: 'ms', values: well },
      {
        what: 'start while the first provider is dead: to the routes of one that works',
        unit: 'ms',
        values: broken,
      },
      { what: 'memory of the daemon and its children (PSS), 3 providers', unit: 'MB', values: memory },
    ];
    return { result, withoutDefaultMs: 0 }; // before the first start there is none to keep
  } finally {
    fib?.close();
    await lab.close();
  }
}

async function startOnce(lab: Lab, fib: Fib, provider: string): Promise<{ ms: number; pssMb: number }> {
  await rm(join(lab.folder, 'state'), { recursive: true, force: true });
  const { device } = lab.isp(provider);
  const at = now();
  const daemon = await lab.daemon({ config: lab.config({ onStop: 'remove' }) });
  const routes = await Promise.all(
    families.map((family) =>
      fib.next(at, (event) => event.type === 'default' && event.family === family && event.device === device),
    ),
  );
  await sleep(1500); // checks, file watchers, the first save
  const pssMb = pssOf(daemon.pid) / 1024;
  await daemon.stop();
  return { ms: Math.max(...routes.map((route) => route.at)) - at, pssMb };
}

/** Proportional memory of a process and all its descendants, KiB. */
function pssOf(pid: number): number {
  const own = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  const threads = readdirSync(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((word) => word !== ''),
  );
  return Number(own) + children.reduce((sum, child) => sum + pssOf(Number(child)), 0);
}
