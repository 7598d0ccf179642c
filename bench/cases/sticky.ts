import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import { now } from '../../src/lab/now.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, carrierOf, deviceOf, isps, onStage, type Stage } from '../stage.ts';

/** The operator writes another provider's id into `sticky.provider`. */
export function sticky({ runs }: BenchOptions) {
  return onStage({}, async (stage): Promise<Figure[]> => {
    const values: number[] = [];
    for (let i = 0; i < runs; i++) values.push(await pin(stage, i));
    return [
      { what: 'sticky: from the write to the routes of both families', unit: 'ms', values, target: 100 },
    ];
  });
}

async function pin(stage: Stage, i: number): Promise<number> {
  const { lab, fib } = stage;
  await sleep(200 + Math.random() * 1000);
  const present = carrierOf(await stage.snapshot(), 4);
  const others = isps.filter(({ name }) => name !== present);
  const { name = '' } = others[i % others.length] ?? {};
  const at = now();
  await writeFile(join(lab.folder, 'sticky.provider'), `${name}\n`);
  const device = deviceOf(stage, name);
  const routes = await Promise.all(
    families.map((family) =>
      fib.next(at, (event) => event.type === 'default' && event.family === family && event.device === device),
    ),
  );
  return Math.max(...routes.map((route) => route.at)) - at;
}
