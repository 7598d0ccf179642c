import { join } from 'node:path';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { runInside } from '../../src/lab/namespace.ts';
import { now } from '../../src/lab/now.ts';
import { programFolder } from '../../src/process/program.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, isps } from '../stage.ts';

/** How long an operator waits for a command, launcher included, next to a running daemon. */
export async function commands({ runs }: BenchOptions) {
  const lab = await createLab({ isps });
  try {
    const file = await lab.writeConfig(lab.config());
    await lab.daemon({ config: file });
    await lab.waitFor(async () => (await lab.status()).active[4][0] === 'fibre');
    const result: Figure[] = [];
    for (const args of [['status'], ['why'], ['check', file]]) {
      const values: number[] = [];
      for (let i = 0; i < runs; i++) values.push(await waitMs(lab, args));
      result.push({
        what: `failover ${args[0]}: from Enter to the last line`,
        unit: 'ms',
        values,
        target: 200,
      });
    }
    return { result, withoutDefaultMs: 0 };
  } finally {
    await lab.close();
  }
}

async function waitMs(lab: Lab, args: readonly string[]): Promise<number> {
  const from = now();
  const { code, stderr } = await runInside('router', [join(programFolder, 'failover'), ...args], {
    env: lab.environment(),
  });
  if (code !== 0) throw new Error(`failover ${args.join(' ')} ended with ${code}: ${stderr}`);
  return now() - from;
}
