import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkAddress } from '../../../models/link.ts';
import type { Provider } from '../../../models/provider.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { spellRoute, spellRule } from '../../../src/core/routes/spell.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  auto,
  exampleAddress,
  exampleConfig,
  exampleDefault,
  exampleLink,
  exampleProvider,
  exampleState,
  none,
  start,
} from '../example.ts';

const four = exampleProvider(0);
const six = exampleProvider(0, { addressing: { 4: { ...auto, address: 'none' }, 6: auto } });
const defaults = [exampleDefault(0), exampleDefault(0, { family: 6, gateway: 'fe80::1', protocol: 'ra' })];

function state(addresses: readonly LinkAddress[], ...providers: readonly Provider[]): State {
  const links = { links: [exampleLink(0, { addresses })], defaults };
  return exampleState(exampleConfig({ providers }), links);
}

/** The rules by source, without what all of them have. */
const rules = (state: State): string[] =>
  (desired(state)?.rules ?? [])
    .map((rule) => spellRule(rule).join(' '))
    .filter((line) => line.includes(' from '))
    .map((line) =>
      line
        .replace(/^pref /, '')
        .replace(' protocol 77', '')
        .replace(' suppress_prefixlength 0', ''),
    );

/** The networks in the table of the provider. */
const networks = (state: State): string[] =>
  (desired(state)?.routes ?? [])
    .filter(({ table, dst }) => table === 101 && dst !== 'default')
    .map((route) =>
      spellRoute(route)
        .join(' ')
        .replace(/ table.*/, ''),
    );

test('every IPv4 address of the device has rules, every network of it is in the table', () => {
  const many = state(
    [
      exampleAddress('10.10.1.1', 24),
      exampleAddress('10.10.1.9', 24),
      exampleAddress('192.168.100.2', 24),
      exampleAddress('198.51.100.7', 32),
      exampleAddress('169.254.9.9', 16, { scope: 'link' }),
    ],
    four,
  );
  assert.deepEqual(rules(many), [
    '10771 from 10.10.1.1 to 10.10.1.0/24 lookup 101',
    '10772 from 10.10.1.1 lookup main',
    '10773 from 10.10.1.1 lookup 101',
    '10771 from 10.10.1.9 to 10.10.1.0/24 lookup 101',
    '10772 from 10.10.1.9 lookup main',
    '10773 from 10.10.1.9 lookup 101',
    '10771 from 192.168.100.2 to 192.168.100.0/24 lookup 101',
    '10772 from 192.168.100.2 lookup main',
    '10773 from 192.168.100.2 lookup 101',
    '10772 from 198.51.100.7 lookup main',
    '10773 from 198.51.100.7 lookup 101',
  ]);
  assert.deepEqual(networks(many), [
    '10.10.1.0/24 dev eth1 src 10.10.1.1 scope link',
    '192.168.100.0/24 dev eth1 src 192.168.100.2 scope link',
  ]);
});

test('IPv6 has rules by network, a unique local address and a lone one by itself', () => {
  const addresses = [
    exampleAddress('2001:db8:1::1', 64),
    exampleAddress('2001:db8:1::7', 64, { temporary: true }),
    exampleAddress('2001:db8:1::abc', 128),
    exampleAddress('2001:db8:2::1', 64, { usable: false, flaw: 'deprecated' }),
    exampleAddress('2001:db8:3::1', 128),
    exampleAddress('fd12::1', 64),
    exampleAddress('fe80::11', 64, { scope: 'link' }),
  ];
  const many = state(addresses, six);
  assert.deepEqual(rules(many), [
    '10771 from 2001:db8:1::/64 to 2001:db8:1::/64 lookup 101',
    '10772 from 2001:db8:1::/64 lookup main',
    '10773 from 2001:db8:1::/64 lookup 101',
    '10771 from 2001:db8:2::/64 to 2001:db8:2::/64 lookup 101',
    '10772 from 2001:db8:2::/64 lookup main',
    '10773 from 2001:db8:2::/64 lookup 101',
    '10772 from 2001:db8:3::1 lookup main',
    '10773 from 2001:db8:3::1 lookup 101',
    '10771 from fd12::1 to fd12::/64 lookup 101',
    '10772 from fd12::1 lookup main',
    '10773 from fd12::1 lookup 101',
  ]);
  assert.deepEqual(networks(many), [
    '2001:db8:1::/64 dev eth1',
    '2001:db8:2::/64 dev eth1',
    'fd12::/64 dev eth1',
    'fe80::/64 dev eth1',
  ]);
  const [first, , ...rest] = addresses;
  const next = exampleAddress('2001:db8:1::beef', 64, { temporary: true });
  if (first)
    assert.deepEqual(rules(state([first, next, ...rest], six)), rules(many), 'another temporary address');
});

test('networks of a device stay reachable while its path has no gateway, and are left out while it is down', () => {
  const addresses = [exampleAddress('192.168.100.2', 24)];
  const modem = { links: [exampleLink(0, { addresses })], defaults: [] };
  const without = exampleState(exampleConfig({ providers: [four] }), modem);
  assert.deepEqual(networks(without), ['192.168.100.0/24 dev eth1 src 192.168.100.2 scope link']);
  const down = { ...modem, links: [exampleLink(0, { addresses, up: false })] };
  step(without, { type: 'links', at: start + 1000, links: down });
  assert.deepEqual(networks(without), []);
});

test('of several providers on one device the first has what belongs to none of them', () => {
  const pair = ['10.10.1.1', '10.10.1.3'].map((address, i) =>
    exampleProvider(i, {
      interfaceName: 'eth1',
      addressing: { 4: { ...auto, address, gateway: `10.10.1.25${i}` }, 6: none },
    }),
  );
  const addresses = ['10.10.1.1', '10.10.1.3', '10.10.1.9'].map((address) => exampleAddress(address, 24));
  const lines = rules(state(addresses, ...pair)).filter((line) => line.startsWith('10773'));
  assert.deepEqual(lines, [
    '10773 from 10.10.1.1 lookup 101',
    '10773 from 10.10.1.9 lookup 101',
    '10773 from 10.10.1.3 lookup 102',
  ]);
});

test('a thousand gateways on one device have no more routes and rules with ten addresses than with one', () => {
  const range = Array.from({ length: 1000 }, (_, i) =>
    exampleProvider(i, {
      interfaceName: 'eth1',
      addressing: { 4: { ...auto, gateway: `10.20.${i >> 8}.${i & 255}` }, 6: none },
    }),
  );
  const count = (addresses: readonly LinkAddress[]): readonly number[] => {
    const { routes = [], rules = [] } = desired(state(addresses, ...range)) ?? {};
    return [routes.length, rules.length];
  };
  const first = exampleAddress('10.20.255.1', 16);
  const more = Array.from({ length: 9 }, (_, i) => exampleAddress(`10.30.${i}.1`, 24));
  const one = count([first]);
  assert.deepEqual(one, [3001, 2000]);
  assert.deepEqual(count([first, ...more]), one);
});
