import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../models/link.ts';
import { readDefaults, readLinks, readNeighbours } from '../../src/watch/read-links.ts';
import { ip } from '../support/ip.ts';

async function link(name: string): Promise<Link | undefined> {
  return readLinks(JSON.parse(await ip('-N -j address show'))).find((each) => each.name === name);
}

async function defaults(family: 4 | 6): Promise<unknown[]> {
  const found = readDefaults(family, await ip(`-N -j -${family} route show default table all`));
  return found.map(({ table, interfaceName, gateway, metric, protocol }) => [
    table,
    interfaceName,
    gateway,
    metric,
    protocol,
  ]);
}

test('readLinks() tells up, carrier and addresses of a real device', async () => {
  await ip('link add eth1 index 701 type veth peer name far');
  assert.deepEqual(await link('eth1'), {
    ...{ name: 'eth1', index: 701, up: false, carrier: false, pointToPoint: false, addresses: [] },
  });
  await ip('link set eth1 up');
  assert.deepEqual([(await link('eth1'))?.up, (await link('eth1'))?.carrier], [true, false]);
  await ip('link set far up');
  assert.equal((await link('eth1'))?.carrier, true);
  await ip('address add 10.10.1.1/24 dev eth1');
  await ip('address add 10.9.9.1 peer 10.9.9.2/32 dev eth1');
  await ip('address add 2001:db8:1::1/64 dev eth1 nodad');
  await ip('address add 2001:db8:1::2/64 dev eth1 nodad preferred_lft 0');
  const addresses = (await link('eth1'))?.addresses.map(
    ({ family, address, prefixLength, peer, scope, usable }) =>
      [family, address, prefixLength, peer, scope, usable].join(' '),
  );
  for (const expected of [
    '4 10.10.1.1 24  global true',
    '4 10.9.9.1 32 10.9.9.2 global true',
    '6 2001:db8:1::1 64  global true',
    '6 2001:db8:1::2 64  global false',
  ])
    assert.ok(addresses?.includes(expected), `${expected} in ${addresses?.join(', ')}`);
  assert.ok(addresses?.some((text) => /^6 fe80::.* link /.test(text)));
});

test('readLinks() tells the kinds of devices that ip -d shows', async () => {
  await ip('link add br7 type bridge');
  const links = readLinks(JSON.parse(await ip('-N -j -d address show')));
  const kinds = ['br7', 'eth1', 'lo'].map((name) => links.find((each) => each.name === name)?.kind);
  assert.deepEqual(kinds, ['bridge', 'veth', undefined]);
});

test('readNeighbours() tells whose hardware address is known, on the devices asked for', async () => {
  const hardware = 'lladdr 02:00:00:00:00:07';
  await ip('address add 10.7.7.1/24 dev br7');
  await ip('link set br7 up');
  await ip(`neighbour add 10.10.1.9 ${hardware} dev eth1 nud stale`);
  await ip(`neighbour add 10.10.1.20 ${hardware} dev eth1 nud permanent`);
  await ip(`neighbour add 10.7.7.9 ${hardware} dev br7 nud stale`);
  await ip('neighbour add 10.10.1.30 dev eth1 nud failed');
  await ip(`neighbour add fe80::7 ${hardware} dev eth1 nud stale router`);
  const found = readNeighbours(JSON.parse(await ip('-N -j neighbour show')), new Set(['eth1']));
  assert.deepEqual(
    found.map(({ family, interfaceName, address, router }) =>
      [family, interfaceName, address, router].join(' '),
    ),
    ['4 eth1 10.10.1.20 false', '4 eth1 10.10.1.9 false', '6 eth1 fe80::7 true'],
  );
});

test('readDefaults() tells foreign defaults of every table, and none of ours', async () => {
  await ip('-4 route add default via 10.10.1.254 dev eth1 proto dhcp metric 1024');
  await ip('-4 route add default via 10.10.1.253 dev eth1');
  await ip('-4 route add default via 10.10.1.252 dev eth1 table 77 proto static');
  await ip('-4 route add default via 10.10.1.251 dev eth1 metric 100 proto 77');
  await ip('-4 route add default via inet6 fe80::1 dev eth1 metric 7');
  await ip('-4 route add unreachable default metric 9000');
  await ip('-4 route add default metric 8 nexthop via 10.10.1.249 dev eth1 nexthop via 10.10.1.250 dev eth1');
  await ip('-6 route add default via fe80::1 dev eth1 proto ra metric 1024');
  const four = await defaults(4);
  for (const expected of [
    [254, 'eth1', '10.10.1.254', 1024, 'dhcp'],
    [254, 'eth1', '10.10.1.253', 0, 'boot'],
    [77, 'eth1', '10.10.1.252', 0, 'static'],
    [254, 'eth1', 'fe80::1', 7, 'boot'],
    [254, 'eth1', '10.10.1.250', 8, 'boot'],
  ])
    assert.ok(
      JSON.stringify(four).includes(JSON.stringify(expected)),
      `${expected} in ${JSON.stringify(four)}`,
    );
  assert.equal(four.length, 6);
  assert.deepEqual(await defaults(6), [[254, 'eth1', 'fe80::1', 1024, 'ra']]);
});

test('readDefaults() finds what others appended to an IPv6 default of ours', async () => {
  await ip('-6 route del default metric 1024');
  await ip('-6 route add default via fe80::1 dev eth1 metric 77 proto 77');
  assert.deepEqual(await defaults(6), []);
  await ip('-6 route append default via fe80::2 dev eth1 metric 77 proto static');
  assert.deepEqual(await defaults(6), [[254, 'eth1', 'fe80::2', 77, 'joined']]);
  await ip('-6 route del default metric 77');
});

test('readLinks() and readDefaults() leave out what has no shape they know', () => {
  assert.deepEqual(readLinks([null, 5, {}, { ifname: 'x' }, { ifname: 5, ifindex: 5 }]), []);
  assert.deepEqual(readDefaults(4, ''), []);
  assert.deepEqual(readDefaults(4, '[ ]\n'), []);
  assert.deepEqual(readDefaults(4, '{}'), []);
});
