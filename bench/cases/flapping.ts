import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import { now } from '../../src/lab/now.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, onStage } from '../stage.ts';

const count = 30;

/** The preferred provider is alternately down and up for a second each, for a minute, at default settings. */
export function flapping(_options: BenchOptions) {
  return onStage({}, async ({ lab, watch }): Promise<Figure[]> => {
    const flows = await Promise.all(families.map((family) => lab.flow({ family })));
    await sleep(Math.random() * 1000);
    const before = families.map((family) => watch.report(family).switches);
    const at = now();
    await lab.flap('fibre', { upMs: 1000, downMs: 1000, count });
    const reports = await Promise.all(flows.map((flow) => flow.settled(at)));
    return families.flatMap((family, i): Figure[] => [
      {
        what: `flapping for a minute, 1 s down and 1 s up: switches, IPv${family}`,
        unit: 'times',
        values: [watch.report(family).switches - (before[i] ?? 0)],
        target: 2,
      },
      {
        what: `flapping for a minute: packets of a flow lost, IPv${family}`,
        unit: '%',
        values: [100 * (reports[i]?.lostRatio ?? Number.NaN)],
        target: 5,
      },
    ]);
  });
}
