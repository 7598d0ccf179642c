// needs: namespace
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parseConfig } from '../src/config/parse.ts';
import { Daemon } from '../src/daemon.ts';
import { run } from '../src/kernel/exec.ts';
import { createJournal } from '../src/report/journal.ts';
import { Store } from '../src/store.ts';

async function ip(...words: readonly string[]): Promise<void> {
  const { code, stderr } = await run('ip', words);
  assert.equal(code, 0, stderr);
}

async function plug(name: string, address: string): Promise<void> {
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `isp-${name}`);
  await ip('address', 'add', `${address}/24`, 'dev', name);
  for (const end of [name, `isp-${name}`]) await ip('link', 'set', end, 'up');
}

async function eventually(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 15_000; !holds() && Date.now() < deadline; ) await pause(20);
  assert.ok(holds());
}

test('reload() takes over what config gives, and devices go on coming and going with their pattern', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'failover-daemon-'));
  await plug('wan1', '10.1.0.1');
  const input = {
    providers: [
      { id: 'fibre', interfaceName: 'eth1' },
      { interfaceName: 'wan*', gateway: '10.1.0.254' },
    ],
    testScenarios: [{ ping: '192.0.2.1' }],
  };
  const parsed = parseConfig(input, { file: join(folder, 'config.json') });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const journal = createJournal({ write: () => undefined, level: 'info', style: 'plain' });
  const [store, stored] = await Store.open(folder, Date.now(), () => undefined);
  const files = { configFile: join(folder, 'config.json'), record: undefined, version: '0' };
  const daemon = new Daemon({ config: parsed.config, journal, store, stored, ...files });
  const has = (id: string) => daemon.snapshot().paths.some(({ provider }) => provider === id);
  try {
    await daemon.start();
    await eventually(() => has('wan1'));
    await daemon.reload(daemon.config); // as the end of a trial does
    await ip('link', 'delete', 'wan1');
    await eventually(() => !has('wan1'));
    assert.ok(has('fibre'));
  } finally {
    await daemon.stop('the test is over');
    await rm(folder, { recursive: true });
  }
});
