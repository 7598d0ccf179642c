import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNftNat, readSavedNat, uncoveredProviders } from '../../../src/core/firewall/nat-rules.ts';
import { exampleProvider } from '../example.ts';

const providers = [
  exampleProvider(0, { id: 'fibre', interfaceName: 'eth1' }),
  exampleProvider(1, { id: 'cable', interfaceName: 'eth2' }),
];

/** A ruleset as nft prints it, with these rules in the chain that translates. */
function ruleset(table: string, ...rules: readonly string[]): string {
  const head = [
    `table ${table} {`,
    '\tchain POSTROUTING {',
    '\t\ttype nat hook postrouting priority srcnat;',
  ];
  return [...head, ...rules.map((rule) => `\t\t${rule}`), '\t}', '}'].join('\n');
}

const uncovered = (text: string): string[] =>
  uncoveredProviders(readNftNat(text), providers).map(
    ({ index, family }) => `${providers[index]?.id}/${family}`,
  );

test('a rule for one device leaves out the others', () => {
  assert.deepEqual(uncovered(ruleset('ip nat', 'oifname "eth1" counter packets 0 bytes 0 masquerade')), [
    'cable/4',
  ]);
  assert.deepEqual(uncovered(ruleset('ip nat', 'oifname "eth1" counter xt target "MASQUERADE"')), [
    'cable/4',
  ]);
  assert.deepEqual(uncovered(ruleset('ip nat', 'oif "eth2" snat to 198.51.100.2')), ['fibre/4']);
  assert.deepEqual(uncovered(ruleset('inet nat', 'oifname "eth1" masquerade')), ['cable/4', 'cable/6']);
  assert.deepEqual(uncovered(ruleset('inet nat', 'meta nfproto ipv6 oifname "eth1" masquerade')), [
    'cable/6',
  ]);
});

test('a rule for all devices, for others, for a pattern, or another rule covers them', () => {
  for (const rules of [
    ['masquerade'],
    ['oifname != "lan0" masquerade'],
    ['oifname { "eth1", "eth2" } masquerade'],
    ['oifname "eth*" masquerade'],
    ['oifname "eth1" masquerade', 'oifname "eth2" snat to 203.0.113.2'],
    ['oifname "eth1" masquerade', 'ip saddr 192.168.77.0/24 oifname "eth2" masquerade'],
    ['oifname @wans masquerade'],
    ['ip saddr 172.17.0.0/16 oifname != "docker0" counter masquerade'],
    ['oifname "tun0" masquerade'],
  ])
    assert.deepEqual(uncovered(ruleset('ip nat', ...rules)), [], rules.join('; '));
});

test("what covers containers' addresses does not cover those of a LAN", () => {
  const docker = 'ip saddr 172.17.0.0/16 oifname != "docker0" counter masquerade';
  assert.deepEqual(uncovered(ruleset('ip nat', docker, 'oifname "eth1" masquerade')), ['cable/4']);
});

test('our own table, and providers that translate or are disabled, need no rule', () => {
  assert.deepEqual(uncovered(ruleset('inet failover', 'oifname "eth1" masquerade')), []);
  const rules = readNftNat(ruleset('ip nat', 'oifname "eth1" masquerade'));
  const [fibre, cable] = providers;
  assert.ok(fibre && cable);
  for (const other of [
    { ...cable, enabled: false },
    { ...cable, nat: { 4: 'masquerade', 6: 'none' } },
  ])
    assert.deepEqual(uncoveredProviders(rules, [fibre, other]), []);
});

test('rules of the older iptables are read as it saves them', () => {
  const saved = (...rules: readonly string[]): string => ['*nat', ...rules, 'COMMIT'].join('\n');
  const left = (text: string): number[] =>
    uncoveredProviders(readSavedNat(4, text), providers).map(({ index }) => index);
  assert.deepEqual(left(saved('-A POSTROUTING -o eth1 -j MASQUERADE')), [1]);
  assert.deepEqual(left(saved('-A POSTROUTING -s 10.0.0.0/8 -o eth2 -j SNAT --to-source 203.0.113.2')), [0]);
  assert.deepEqual(left(saved('-A POSTROUTING -o eth+ -j MASQUERADE')), []);
  assert.deepEqual(left(saved('-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE')), []);
});
