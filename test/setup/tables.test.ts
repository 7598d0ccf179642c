import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  activeTableName,
  othersTables,
  parseTables,
  tableConflicts,
  tablesText,
} from '../../src/setup/tables.ts';

test('parseTables() reads decimal and hexadecimal numbers, and passes over comments', () => {
  const text = '#\n# reserved\n255\tlocal\n 0x65  fibre # mine\n#1\tinr.ruhep\njunk\n';
  assert.deepEqual(parseTables(text), [
    { id: 255, name: 'local' },
    { id: 101, name: 'fibre' },
  ]);
});

test('tablesText() is read back as what it was', () => {
  const tables = [
    { id: 101, name: 'fibre' },
    { id: 102, name: 'lte' },
  ];
  assert.deepEqual(parseTables(tablesText(tables)), tables);
});

test('othersTables() looks where iproute2 does, and passes over our own file', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'failover-tables-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'etc/iproute2/rt_tables.d'), { recursive: true });
  mkdirSync(join(root, 'usr/share/iproute2'), { recursive: true });
  writeFileSync(join(root, 'usr/share/iproute2/rt_tables'), '254 main\n');
  writeFileSync(join(root, 'etc/iproute2/rt_tables.d/vpn.conf'), '7 vpn\n');
  writeFileSync(join(root, 'etc/iproute2/rt_tables.d/README'), '8 not-a-table\n');
  writeFileSync(join(root, 'etc/iproute2/rt_tables.d/failover.conf'), '101 fibre\n');
  assert.deepEqual(othersTables(root), [
    { id: 254, name: 'main', file: '/usr/share/iproute2/rt_tables' },
    { id: 7, name: 'vpn', file: '/etc/iproute2/rt_tables.d/vpn.conf' },
  ]);
});

test('tableConflicts() names number, name and file; the same line twice is no conflict', () => {
  const others = [{ id: 7, name: 'vpn', file: '/etc/iproute2/rt_tables' }];
  assert.deepEqual(tableConflicts([{ id: 7, name: 'fibre' }], others), [
    'table 7 is used by someone else: /etc/iproute2/rt_tables has "7 vpn"; give the provider another rtTableId',
  ]);
  assert.deepEqual(tableConflicts([{ id: 8, name: 'vpn' }], others), [
    'the name "vpn" is used by someone else: /etc/iproute2/rt_tables has "7 vpn"; give the provider another rtTableName',
  ]);
  assert.match(
    tableConflicts([{ id: 7, name: activeTableName }], others).join(),
    /; set activeTableId to another$/,
  );
  assert.deepEqual(tableConflicts([{ id: 7, name: 'vpn' }], others), []);
});
