import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLab } from '../../src/lab/lab.ts';
import { quick, twoIsps } from './scene.ts';

const hourMs = 3_600_000;

for (const hours of [-3, 3]) {
  test(`a pin ends in its time when the wall clock was stepped by ${hours} h since the start`, async () => {
    const lab = await createLab({ isps: twoIsps });
    try {
      const file = join(lab.folder, 'sticky.provider');
      // What a step looks like to a process: its wall clock is not where its steady one would have it.
      const stepped = `const%20of=Date.now;Date.now=()=>of()+${hours * hourMs}`;
      await lab.daemon({
        config: lab.config({ ...quick, stickyProviderFilename: file }),
        env: { NODE_OPTIONS: `--import=data:text/javascript,${stepped}` },
      });
      const carries = (id: string): Promise<unknown> =>
        lab.waitFor(
          async () => (await lab.status().catch(() => undefined))?.active[4][0] === id, // not listening yet
          { timeoutMs: 20_000, what: () => `IPv4 through ${id}` },
        );
      await carries('fibre');
      const until = Date.now() + hours * hourMs + 5000;
      await writeFile(file, `cable until ${new Date(until).toISOString()}\n`);
      await carries('cable');
      await carries('fibre');
      assert.equal((await lab.status()).sticky, undefined);
      assert.ok(Date.now() + hours * hourMs >= until - 1000, 'it ended before its time');
    } finally {
      await lab.close();
    }
  });
}
