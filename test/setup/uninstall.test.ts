import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { neededSysctls, readSysctl, sysctlsToChange, writeSysctls } from '../../src/kernel/sysctl.ts';
import { findLeftovers } from '../../src/setup/uninstall.ts';
import { exampleConfig, exampleProvider } from '../core/example.ts';
import { ip } from '../support/ip.ts';

test('findLeftovers() puts every setting back that the daemon changes', async (t) => {
  await ip('link add eth1 type veth peer name far');
  const folder = mkdtempSync(join(tmpdir(), 'failover-uninstall-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const shared = exampleConfig({ providers: [0, 1].map((i) => exampleProvider(i, { tier: 0 })) });
  const needed = neededSysctls(shared, ['eth1']);
  const sysctls = sysctlsToChange(needed);
  assert.equal(sysctls['net/ipv4/fib_multipath_hash_policy'], '0');
  assert.deepEqual(writeSysctls(needed), []);
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ bootId, sysctls }));
  for (const { undo } of await findLeftovers({ stateDirectory: folder, runtimeDirectory: folder }))
    await undo();
  for (const [name, value] of Object.entries(sysctls)) assert.equal(readSysctl(name), value, name);
});

test('findLeftovers() takes away all that the daemon keeps, and with it a folder that holds nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'failover-uninstall-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['state.json', 'last-config.json', '.last-config.json.5f2c'])
    writeFileSync(join(folder, name), '{}');
  for (const { undo } of await findLeftovers({ stateDirectory: folder, runtimeDirectory: folder }))
    await undo();
  assert.ok(!existsSync(folder));
});
