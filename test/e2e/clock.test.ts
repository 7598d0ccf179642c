import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Decision } from '../../models/decision.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { quick, twoIsps } from './scene.ts';

const hourMs = 3_600_000;

/** Whether a time that was shown is of the stepped clock; a minute is an order of magnitude more than it takes. */
function isNear(shown: number | undefined, hours: number): void {
  const offMs = Math.abs((shown ?? Number.NaN) - Date.now() - hours * hourMs);
  assert.ok(offMs < 60_000, `${shown} is ${offMs} ms off`);
}

/** What people see follows the wall clock: `status`, `why` and `history`. */
async function assertShown(lab: Lab, hours: number, until: number): Promise<void> {
  const { at, startedAt, paths, sticky, lastDecision } = await lab.status();
  for (const shown of [at, startedAt, paths[0]?.since, lastDecision?.at]) isNear(shown, hours);
  assert.equal(sticky?.until, until);
  const { stdout } = await lab.cli(['history', '--json']);
  const told = JSON.parse(stdout) as Decision[]; // our own command prints it
  for (const decision of told) isNear(decision.at, hours);
}

for (const hours of [-3, 3]) {
  test(`a pin ends in its time, and times are shown by the wall clock, when the wall clock was stepped by ${hours} h since the start`, async () => {
    const lab = await createLab({ isps: twoIsps });
    try {
      const file = join(lab.folder, 'sticky.provider');
      // What a step looks like to a process: its wall clock is not where its steady one would have it.
      const stepped = `const%20of=Date.now;Date.now=()=>of()+${hours * hourMs}`;
      const daemon = await lab.daemon({
        config: lab.config({ ...quick, stickyProviderFilename: file }),
        env: { NODE_OPTIONS: `--import=data:text/javascript,${stepped}` },
      });
      const carries = (id: string): Promise<unknown> =>
        lab.waitFor(
          async () => (await lab.status().catch(() => undefined))?.active[4][0] === id, // not listening yet
          { timeoutMs: 20_000, what: () => `IPv4 through ${id}` },
        );
      await carries('fibre');
      const long = Date.now() + hours * hourMs + hourMs;
      await writeFile(file, `cable until ${new Date(long).toISOString()}\n`);
      await carries('cable');
      await assertShown(lab, hours, long);
      const line = await daemon.line(/pinned to cable/);
      assert.ok(line.includes(new Date(long).toISOString()), line);
      isNear(Date.parse(line.slice(0, 19)), hours);
      const until = Date.now() + hours * hourMs + 5000;
      await writeFile(file, `cable until ${new Date(until).toISOString()}\n`);
      await carries('fibre');
      assert.equal((await lab.status()).sticky, undefined);
      assert.ok(Date.now() + hours * hourMs >= until - 1000, 'it ended before its time');
    } finally {
      await lab.close();
    }
  });
}
