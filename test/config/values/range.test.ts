import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigInput, ProviderInput } from '../../../models/config.ts';
import { explain } from '../../../src/config/mistake.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { gatewaysIn, readGateways } from '../../../src/config/values/range.ts';

function members(range: ProviderInput, ...others: readonly ProviderInput[]) {
  const input: ConfigInput = { providers: [range, ...others] };
  const parsed = parseConfig(input, { file: '/etc/failover/config.ts' });
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.mistakes.map(explain).join('\n'));
  return { ...parsed.config, sources: parsed.sources, warnings: parsed.warnings };
}

function gateways(text: string): readonly string[] {
  const reading = readGateways(text);
  assert.ok('value' in reading, text);
  return gatewaysIn(reading.value);
}

test('readGateways() takes both ends, and one gateway alone', () => {
  assert.deepEqual(gateways('192.168.1.254-192.168.2.1'), [
    '192.168.1.254',
    '192.168.1.255',
    '192.168.2.0',
    '192.168.2.1',
  ]);
  assert.deepEqual(gateways('10.0.0.1 - 10.0.0.1'), ['10.0.0.1']);
  assert.deepEqual(gateways('FD00::FFFF-fd00::1:1'), ['fd00::ffff', 'fd00::1:0', 'fd00::1:1']);
});

test('readGateways() leaves out of a network what no router can have', () => {
  assert.deepEqual(gateways('10.0.0.4/30'), ['10.0.0.5', '10.0.0.6']);
  assert.deepEqual(gateways('10.0.0.4/31'), ['10.0.0.4', '10.0.0.5']);
  assert.deepEqual(gateways('10.0.0.4/32'), ['10.0.0.4']);
  assert.deepEqual(gateways('fd00::/126'), ['fd00::1', 'fd00::2', 'fd00::3']);
  assert.equal(gateways('10.0.0.0/24').length, 254);
});

test('readGateways() takes 1,000 gateways and no more', () => {
  assert.equal(gateways('10.0.0.0-10.0.3.231').length, 1000);
  assert.ok('rule' in readGateways('10.0.0.0-10.0.3.232'));
});

test('membersOf() makes a provider of each gateway, one tier for all, tables and marks of their own', () => {
  const { providers } = members(
    { id: 'vpn', interfaceName: 'eth1', gateways: '192.168.1.10-192.168.1.12', weight: 3 },
    { id: 'lte', interfaceName: 'wwan0' },
  );
  assert.deepEqual(
    providers.map(({ id, tier, weight, rtTableId, rtTableName, addressing }) => [
      [id, rtTableName, addressing[4].gateway, addressing[6].address].join(' '),
      [tier, weight, rtTableId].join(' '),
    ]),
    [
      ['vpn-192.168.1.10 vpn-192.168.1.10 192.168.1.10 none', '0 3 101'],
      ['vpn-192.168.1.11 vpn-192.168.1.11 192.168.1.11 none', '0 3 102'],
      ['vpn-192.168.1.12 vpn-192.168.1.12 192.168.1.12 none', '0 3 103'],
      ['lte lte auto auto', '1 1 104'],
    ],
  );
  assert.equal(new Set(providers.map(({ mark }) => mark)).size, 4);
});

test('membersOf() names members after their interface, and counts from a given table', () => {
  const { providers, sources } = members({
    interfaceName: 'eth1.5',
    gateways: '10.0.0.1-10.0.0.2',
    rtTableId: 300,
  });
  assert.deepEqual(
    providers.map(({ id, rtTableId }) => `${id} ${rtTableId}`),
    ['eth1.5-10.0.0.1 300', 'eth1.5-10.0.0.2 301'],
  );
  assert.equal(sources['providers[1].id'], 'from gateways');
  assert.equal(sources['providers[1].gateway'], 'from gateways');
});

test('membersOf() makes ids of IPv6 gateways that fit and differ', () => {
  const short = members({ id: 'vpn', interfaceName: 'eth1', gateways: 'fd00::fe-fd00::100' });
  assert.deepEqual(
    short.providers.map(({ id }) => id),
    ['vpn-fd00--fe', 'vpn-fd00--ff', 'vpn-fd00--100'],
  );
  assert.equal(short.providers[0]?.addressing[4].address, 'none');
  const long = members({
    id: 'vpn',
    interfaceName: 'eth1',
    gateways: '2001:db8:1111:2222:3333:4444:5555:6666-2001:db8:1111:2222:3333:4444:5555:6667',
  });
  assert.deepEqual(
    long.providers.map(({ id }) => id),
    ['vpn-3333-4444-5555-6666', 'vpn-3333-4444-5555-6667'],
  );
});

test('parseConfig() expands 1,000 gateways in a second, without a warning', () => {
  const began = process.cpuUsage();
  const { providers, warnings } = members({
    id: 'vpn',
    interfaceName: 'eth1',
    gateways: '10.0.0.1-10.0.3.232',
  });
  const { user, system } = process.cpuUsage(began); // µs, whatever else the machine does meanwhile
  assert.ok(user + system < 1e6, `${user + system} µs`);
  assert.equal(new Set(providers.map(({ id }) => id)).size, 1000);
  assert.equal(new Set(providers.map(({ rtTableId }) => rtTableId)).size, 1000);
  assert.equal(new Set(providers.map(({ mark }) => mark)).size, 1000);
  assert.deepEqual(warnings, []);
});
