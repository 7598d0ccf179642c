import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NftMonitor } from '../../src/kernel/nft-monitor.ts';
import { until } from '../support/until.ts';

const folder = await mkdtemp(join(tmpdir(), 'failover-monitor-'));
after(() => rm(folder, { recursive: true }));

/** What nft 1.0.6 printed when 480,000 addresses were loaded at once; the flush that followed was not reported. */
const lost = '# ERROR: We lost some netlink events!';

test('NftMonitor wakes when the kernel had no room for what it had to report', async () => {
  // It says so after the wake with which every monitor begins.
  const nft = `#!/bin/sh\nsleep 2\necho 'add table inet others'\necho '${lost}'\nexec sleep 60\n`;
  await writeFile(join(folder, 'nft'), nft, { mode: 0o755 });
  process.env['PATH'] = `${folder}:${process.env['PATH']}`;
  let wakes = 0;
  const monitor = new NftMonitor('inet failover', () => {
    wakes += 1;
  });
  monitor.open();
  after(() => monitor.close());
  await until(() => wakes > 0, 'the first wake');
  const before = wakes;
  await until(() => wakes > before, 'the wake for what was lost');
  assert.equal(wakes, 2);
});
