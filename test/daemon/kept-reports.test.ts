import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { forgetReports, keepReport, keptReports } from '../../src/daemon/kept-reports.ts';
import { type LeaseOrder, readLeaseOrder } from '../../src/daemon/lease-orders.ts';

const folder = mkdtempSync('/tmp/kept-');
after(() => rmSync(folder, { recursive: true }));
let made = 0;
const freshFile = (): string => {
  made += 1;
  return join(folder, `${made}.json`);
};

const order = (what: string, device: string, ...words: readonly string[]): LeaseOrder =>
  readLeaseOrder({ what, device, words, source: 'dhclient' });

/** What a daemon would read, and what it would complain about. */
function read(file: string): { readonly kept: readonly string[]; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const events = keptReports(file, (sentence) => warnings.push(sentence));
  const kept = events.map(({ device, family, gateway, dns }) =>
    [device, family, gateway ?? dns?.join(' ') ?? 'gone'].join(' '),
  );
  return { kept, warnings };
}

test('reports are kept in their order, and a later one takes the place of an earlier one', async () => {
  const file = freshFile();
  assert.deepEqual(read(file), { kept: [], warnings: [] });
  await keepReport(file, order('gateway', 'eth1', '10.0.0.1'));
  await keepReport(file, order('dns', 'eth1', '10.0.0.53'));
  await keepReport(file, order('gateway', 'eth2', '10.0.2.1'));
  await keepReport(file, order('gateway', 'eth1', '10.0.0.2'));
  assert.deepEqual(read(file).kept, ['eth1 4 10.0.0.53', 'eth2 4 10.0.2.1', 'eth1 4 10.0.0.2']);
  await keepReport(file, order('gone', 'eth1'));
  assert.deepEqual(read(file).kept, ['eth2 4 10.0.2.1', 'eth1 4 gone', 'eth1 6 gone']);
});

test('forgetReports() removes what the daemon has been given since, and the file with the last of it', async () => {
  const file = freshFile();
  await keepReport(file, order('gateway', 'eth1', '10.0.0.1'));
  await keepReport(file, order('dns', 'eth1', '10.0.0.53'));
  await forgetReports(file, order('gateway', 'eth1', 'fe80::1')); // the other family
  assert.equal(read(file).kept.length, 2);
  await forgetReports(file, order('gateway', 'eth1', '10.0.0.9'));
  assert.deepEqual(read(file).kept, ['eth1 4 10.0.0.53']);
  await forgetReports(file, order('gone', 'eth1'));
  assert.equal(existsSync(file), false);
  await forgetReports(file, order('gone', 'eth1'));
});

test('keptReports() leaves out what ran out, and refuses what a stranger may have written', () => {
  const file = freshFile();
  const at = Date.now() - 5000;
  const valid = { what: 'gateway', device: 'eth1', words: ['10.0.0.1'], source: 'x', at };
  const over = { ...valid, device: 'eth2', until: Math.round(at / 1000) };
  writeFileSync(file, JSON.stringify([over, valid, 5, { at }]), { mode: 0o644 });
  assert.deepEqual(read(file), { kept: ['eth1 4 10.0.0.1'], warnings: [] });
  chmodSync(file, 0o666);
  assert.deepEqual(read(file), {
    kept: [],
    warnings: [`${file} cannot be used: others than its owner may write to it`],
  });
  chmodSync(file, 0o644);
  writeFileSync(file, '{"at"');
  assert.match(read(file).warnings.join(), /cannot be used: .*JSON/);
});
