import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route, Rule } from '../../models/route.ts';
import { spell, spellRoute } from '../../src/core/routes/spell.ts';
import { ownQueries, readOwn } from '../../src/kernel/ip-json.ts';
import { IpSession } from '../../src/kernel/ip-session.ts';
import { ip } from '../support/ip.ts';

const plain = {
  dst: 'default',
  type: 'unicast',
  gateway: undefined,
  dev: undefined,
  src: undefined,
  onlink: false,
} as const;
const bare = { from: undefined, to: undefined, oif: undefined, suppressPrefixLength: undefined } as const;

const routes: Readonly<Record<4 | 6, readonly Route[]>> = {
  4: [
    { ...plain, family: 4, table: 254, metric: 100, gateway: '10.10.1.254', dev: 'eth1', src: '10.10.1.1' },
    {
      ...plain,
      family: 4,
      table: 254,
      metric: 101,
      gateway: '192.0.2.1',
      dev: 'eth1',
      src: '10.10.1.1',
      onlink: true,
    },
    { ...plain, family: 4, table: 101, metric: 0, dst: '10.10.1.0/24', dev: 'eth1', src: '10.10.1.1' },
    { ...plain, family: 4, table: 101, metric: 0, dev: 'eth1' },
    { ...plain, family: 4, table: 101, metric: 4294967294, type: 'unreachable' },
  ],
  6: [
    { ...plain, family: 6, table: 254, metric: 100, gateway: '2001:db8:1::fe', dev: 'eth1' },
    { ...plain, family: 6, table: 254, metric: 101, gateway: 'fe80::1', dev: 'eth1' },
    { ...plain, family: 6, table: 101, metric: 1024, dst: '2001:db8:1::/64', dev: 'eth1' },
    { ...plain, family: 6, table: 101, metric: 4294967294, type: 'unreachable' },
  ],
};

const rules: Readonly<Record<4 | 6, readonly Rule[]>> = {
  4: [
    { ...bare, family: 4, pref: 10770, oif: 'eth1', table: 101 },
    { ...bare, family: 4, pref: 10771, from: '10.10.1.1', to: '10.10.1.0/24', table: 101 },
    { ...bare, family: 4, pref: 10772, from: '10.10.1.1', table: 254, suppressPrefixLength: 0 },
  ],
  6: [
    { ...bare, family: 6, pref: 10770, oif: 'eth1', table: 101 },
    { ...bare, family: 6, pref: 10773, from: '2001:db8:1::/64', table: 101 },
  ],
};

function bySpelling(a: Route, b: Route): number {
  return spellRoute(a).join(' ').localeCompare(spellRoute(b).join(' '));
}

for (const family of [4, 6] as const) {
  test(`readOwn() reads IPv${family} routes and rules back as they were spelled, and nobody else's`, async () => {
    if (family === 4) {
      await ip('link add eth1 type veth peer name far');
      await ip('address add 10.10.1.1/24 dev eth1');
      await ip('address add 2001:db8:1::1/64 dev eth1 nodad');
      for (const device of ['eth1', 'far']) await ip(`link set ${device} up`);
    }
    await ip(`-${family} route add default dev eth1 metric 4000`);
    await ip(`-${family} rule add pref 4000 lookup 4000`);
    const session = new IpSession([`-${family}`]);
    const commands = [
      ...routes[family].map((route) => spell({ action: 'add', route })),
      ...rules[family].map((rule) => spell({ action: 'add', rule })),
    ];
    const { rows, refusals } = await session.transact(commands, ownQueries);
    assert.deepEqual(refusals, []);
    const own = readOwn(family, rows);
    assert.deepEqual(own.routes.toSorted(bySpelling), routes[family].toSorted(bySpelling));
    assert.deepEqual(own.rules, rules[family]);
    session.close();
  });
}

test('readOwn() leaves out rows of a shape it does not know', () => {
  const junk = [null, 5, 'x', {}, { dst: 5 }, { dst: 'default', type: '6' }];
  assert.deepEqual(readOwn(4, [junk, [...junk, { protocol: '77' }, { priority: 5, protocol: '2' }]]), {
    routes: [],
    rules: [],
  });
  assert.deepEqual(readOwn(4, []), { routes: [], rules: [] });
});

test('readOwn() takes only the first next hop of an IPv6 route for ours where we write no others', async () => {
  await ip('-6 route add 2001:db8:7::/48 via fe80::1 dev eth1 metric 77 proto 77');
  await ip('-6 route append 2001:db8:7::/48 via fe80::2 dev eth1 metric 77 proto static');
  const session = new IpSession(['-6']);
  const { rows } = await session.transact([], ownQueries);
  session.close();
  const found = (isSole: boolean): readonly string[] =>
    readOwn(6, rows, isSole)
      .routes.filter(({ dst }) => dst === '2001:db8:7::/48')
      .map((route) => spellRoute(route).join(' '));
  assert.deepEqual(found(true), ['2001:db8:7::/48 via fe80::1 dev eth1 metric 77 proto 77']);
  assert.match(found(false).join(), /proto 77 nexthop via fe80::1 .* nexthop via fe80::2 /);
});
