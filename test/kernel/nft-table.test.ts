import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Config } from '../../models/config.ts';
import type { KernelNote } from '../../models/event.ts';
import {
  markSample,
  markTable,
  spellLoading,
  spellMarkTable,
} from '../../src/core/connections/mark-table.ts';
import { run } from '../../src/kernel/exec.ts';
import { type DesiredTable, hasTable, NftTable, whyNoMarks } from '../../src/kernel/nft-table.ts';
import { auto, exampleConfig, exampleProvider, exampleState } from '../core/example.ts';
import { until } from '../support/until.ts';

const notes: KernelNote[] = [];
const table = new NftTable((note) => notes.push(note));
after(() => table.close());

function desired(changes: Partial<Config>): DesiredTable {
  const made = markTable(exampleState(exampleConfig({ connectionMarks: true, ...changes })));
  assert.ok(made);
  return { text: spellMarkTable(made), load: (present) => spellLoading(made, present) };
}

const nft = async (...words: readonly string[]): Promise<string> => (await run('nft', words)).stdout;
const clients = (by: 'source' | 'source-destination') => ({ stickyClients: { by, timeoutMs: 60_000 } });
const both = { 4: auto, 6: auto };
const translating = { 4: 'masquerade', 6: '2001:db8::7' };

test('the real nft and kernel take every shape of the table, each after any other', async () => {
  const shapes: Partial<Config>[] = [
    {},
    clients('source'),
    clients('source-destination'),
    { providers: [exampleProvider(0, { addressing: both, nat: translating })] },
    {
      providers: [0, 1].map((i) =>
        exampleProvider(i, { id: `9.a_b-${i}`, interfaceName: 'eth1', addressing: both }),
      ),
    },
    { fwmarkMask: 0xff, providers: [exampleProvider(0, { mark: 1 })] },
    {
      providers: Array.from({ length: 200 }, (_, i) =>
        exampleProvider(i, { id: `p${i}`, mark: (i + 1) * 0x01000000 }),
      ),
    },
  ];
  for (const shape of [...shapes, ...[...shapes].reverse()]) await table.apply(desired(shape));
  assert.deepEqual(
    notes.filter(({ kind }) => kind !== 'changed').map(({ message }) => message),
    [],
  );
  assert.match(await nft('list', 'table', 'inet', 'failover'), /chain on-fibre/);
  assert.equal(await hasTable(), true);
});

test('clients stay known while rules change', async () => {
  await table.apply(desired(clients('source')));
  await nft('add', 'element', 'inet', 'failover', 'clients-ipv4-fibre', '{ 192.0.2.7 timeout 60s }');
  await table.apply(desired({ ...clients('source'), providers: [exampleProvider(0), exampleProvider(1)] }));
  assert.match(await nft('list', 'set', 'inet', 'failover', 'clients-ipv4-fibre'), /192\.0\.2\.7/);
  await table.empty('clients-ipv4-fibre');
  assert.doesNotMatch(await nft('list', 'set', 'inet', 'failover', 'clients-ipv4-fibre'), /192\.0\.2\.7/);
});

test('a flushed table is put back: four times at once, then once a second', async () => {
  await table.apply(desired({}));
  notes.length = 0;
  const from = performance.now();
  while (performance.now() < from + 3000) {
    await nft('flush', 'ruleset');
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  const kinds = notes.map(({ kind }) => kind);
  const most = 4 + Math.ceil((performance.now() - from) / 1000);
  assert.ok(kinds.length >= 4 && kinds.length <= most, `${kinds.length} repairs, expected 4 to ${most}`);
  assert.ok(
    kinds.every((kind) => kind === 'repaired'),
    kinds.join(' '),
  );
  await until(async () => (await hasTable()) === true, 'the last repair');
});

test('a table of that name that others made gives way', async () => {
  await table.apply(undefined);
  assert.equal(await hasTable(), false);
  await nft('add', 'table', 'inet', 'failover');
  await nft('add', 'chain', 'inet', 'failover', 'prerouting', '{ type filter hook forward priority 7; }');
  await table.apply(desired({}));
  assert.match(
    await nft('list', 'table', 'inet', 'failover'),
    /chain prerouting \{\n\t\ttype filter hook prerouting/,
  );
});

test('whyNoMarks() has nothing to say of our own expressions, and names what nft does not know', async () => {
  assert.equal(await whyNoMarks(markSample), undefined);
  assert.match((await whyNoMarks('table inet x { chain y { nonsense; } }')) ?? '', /Error/);
});
