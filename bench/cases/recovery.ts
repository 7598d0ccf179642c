import { setTimeout as sleep } from 'node:timers/promises';
import { type Family, families } from '../../models/path.ts';
import type { Flow } from '../../src/lab/flow.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, isps, onStage, type Stage } from '../stage.ts';
import { trace } from '../trace.ts';

const most = 10; // runs: nearly all find no lost packet at all

/**
 * Every provider fails silently, and all recover at once. Runs do not wait until providers are trusted again
 * (`minConsecutiveSucceededChecks: 0`): one that passes no check is not trusted anyway.
 */
export function recovery({ runs }: BenchOptions) {
  return onStage({ minConsecutiveSucceededChecks: 0 }, async (stage): Promise<Figure[]> => {
    const flows = await Promise.all(families.map((family) => stage.lab.flow({ family, periodMs: 2 })));
    const found: Record<Family, number>[] = [];
    for (let i = 0; i < Math.min(runs, most); i++) found.push(await dieAndReturn(stage, flows));
    return families.map((family) => ({
      what: `everything was down silently: from the return to the flow's last lost packet, IPv${family}`,
      unit: 'ms',
      values: found.map((each) => each[family]),
      target: 50,
    }));
  });
}

async function dieAndReturn(stage: Stage, flows: readonly Flow[]): Promise<Record<Family, number>> {
  const { lab } = stage;
  await stage.until(({ paths }) => paths.every(({ liveness }) => liveness === 'up'));
  await Promise.all(isps.map(({ name }) => lab.cut(name)));
  await stage.until(({ paths }) => paths.every(({ liveness }) => liveness === 'down'));
  await sleep(Math.random() * 1000);
  const at = Math.max(...(await Promise.all(isps.map(({ name }) => lab.heal(name)))));
  await sleep(700); // time enough for a switch in the wrong direction to do harm
  const ends = await Promise.all(
    flows.map(async (flow) => {
      const { outages } = await flow.settled(at);
      return Math.max(0, ...outages.map(({ from, ms }) => from + ms - at));
    }),
  );
  const [four = Number.NaN, six = Number.NaN] = ends;
  trace(`back after ${four.toFixed(1)} and ${six.toFixed(1)} ms`);
  return { 4: four, 6: six };
}
