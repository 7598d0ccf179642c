import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/parse.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { Store } from '../../src/daemon/store.ts';
import { run } from '../../src/kernel/exec.ts';
import { createJournal } from '../../src/report/journal.ts';
import { until } from '../support/until.ts';

async function ip(...words: readonly string[]): Promise<void> {
  const { code, stderr } = await run('ip', words);
  assert.equal(code, 0, stderr);
}

async function plug(name: string, address: string): Promise<void> {
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `isp-${name}`);
  await ip('address', 'add', `${address}/24`, 'dev', name);
  for (const end of [name, `isp-${name}`]) await ip('link', 'set', end, 'up');
}

/** A daemon with a configuration, a folder of its own, and whoever is to end them. */
async function started(input: object): Promise<{ daemon: Daemon; end: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'failover-daemon-'));
  const configFile = join(folder, 'config.json');
  const parsed = parseConfig(input, { file: configFile });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const journal = createJournal({ write: () => undefined, level: 'info', style: 'plain' });
  const [store, stored] = await Store.open(folder, Date.now(), () => undefined);
  const files = { configFile, record: undefined, reports: [], version: '0' };
  const daemon = new Daemon({ config: parsed.config, journal, store, stored, ...files });
  const end = async (): Promise<void> => {
    await daemon.stop('the test is over');
    await rm(folder, { recursive: true });
  };
  await daemon.start().catch(async (error: unknown) => {
    await rm(folder, { recursive: true });
    throw error;
  });
  return { daemon, end };
}

test('reload() takes over what config gives, and devices go on coming and going with their pattern', async () => {
  await plug('wan1', '10.1.0.1');
  const { daemon, end } = await started({
    providers: [
      { id: 'fibre', interfaceName: 'eth1' },
      { interfaceName: 'wan*', gateway: '10.1.0.254' },
    ],
    testScenarios: [{ ping: '192.0.2.1' }],
  });
  const has = (id: string) => daemon.snapshot().paths.some(({ provider }) => provider === id);
  try {
    await until(() => has('wan1'), 'the device');
    await daemon.reload(daemon.config); // as the end of a trial does
    await ip('link', 'delete', 'wan1');
    await until(() => !has('wan1'), 'its end');
    assert.ok(has('fibre'));
  } finally {
    await end();
  }
});

for (const allDown of ['remove', 'unreachable'] as const)
  test(`providers that share an address are seen to recover with allDown '${allDown}' and rp_filter in force`, async () => {
    await writeFile('/proc/sys/net/ipv4/conf/all/rp_filter', '2'); // as on Ubuntu
    await ip('netns', 'add', 'isp');
    const isp = (...words: readonly string[]) => ip('-n', 'isp', ...words);
    await ip('link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'isp');
    await ip('address', 'add', '10.2.0.1/24', 'dev', 'eth1');
    await ip('link', 'set', 'eth1', 'up');
    for (const address of ['10.2.0.253/24', '10.2.0.254/24', '192.0.2.1/32'])
      await isp('address', 'add', address, 'dev', 'eth0');
    await isp('link', 'set', 'eth0', 'up');
    const { daemon, end } = await started({
      allDown,
      checkInterval: '100ms',
      minOutage: '200ms',
      providers: ['253', '254'].map((last) => ({
        id: `gw${last}`,
        interfaceName: 'eth1',
        gateway: `10.2.0.${last}`,
        ipv6Address: 'none',
      })),
      testScenarios: [{ ping: '192.0.2.1' }],
    });
    const all = (liveness: string) => daemon.snapshot().paths.every((path) => path.liveness === liveness);
    try {
      await until(() => all('up'), 'every path up');
      await isp('address', 'del', '192.0.2.1/32', 'dev', 'eth0');
      await until(() => all('down'), 'every path down');
      await isp('address', 'add', '192.0.2.1/32', 'dev', 'eth0');
      await until(() => all('up'), 'every path up');
    } finally {
      await end();
      await ip('netns', 'delete', 'isp');
      await run('ip', ['link', 'delete', 'eth1']); // or it went with the other end
    }
  });
