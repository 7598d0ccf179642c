import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeIsps, type Isp, type IspOptions } from '../../src/lab/isp.ts';
import {
  network4,
  network6,
  prefs,
  spellAddress,
  spellCables,
  spellCustomerEnd,
  spellInternet,
  spellIsp,
  spellRouterEnd,
  splitFamilies,
} from '../../src/lab/topology.ts';

function isps(...options: readonly IspOptions[]): readonly Isp[] {
  return completeIsps(options);
}

function isp(option: Partial<IspOptions> = {}): Isp {
  const [one] = isps({ name: 'fibre', ...option });
  assert.ok(one);
  return one;
}

test('spellCables() gives both ends of each cable an index of its own: equal ones delay carrier events', () => {
  const cables = spellCables(isp(), 11);
  assert.deepEqual(cables, [
    'link add eth1 index 11 netns router type veth peer name customer index 3011 netns fibre',
    'link add upstream index 1001 netns fibre type veth peer name isp1 index 2001 netns internet',
  ]);
  const [tun] = spellCables(isp({ kind: 'tun' }), 11);
  assert.equal(tun, cables[1], 'a tun has no cable to its customer');
});

test('spellRouterEnd() and spellCustomerEnd() are two ends of one network', () => {
  assert.deepEqual(spellRouterEnd(isp()), [
    'link set eth1 up',
    'address add 10.10.1.1/24 dev eth1',
    'address add 2001:db8:1::1/64 dev eth1 nodad',
  ]);
  assert.deepEqual(spellCustomerEnd(isp()), [
    'link set customer up',
    'address add 10.10.1.254/24  dev customer',
    'address add 2001:db8:1::fe/64 dev customer nodad',
  ]);
});

test('spellAddress() is point-to-point on a tun, and nothing in a family that is not there', () => {
  assert.equal(spellAddress(isp({ kind: 'tun' }), 4), '10.10.1.1 peer 10.10.1.254/32 dev tun1');
  assert.equal(spellAddress(isp({ ipv6: false }), 6), undefined);
  assert.deepEqual(spellRouterEnd(isp({ ipv4: false })).length, 2);
});

test('spellIsp() and spellInternet() let a fault at 1 come before the local addresses, one at 10 after them', () => {
  assert.ok(prefs.dead < prefs.local && prefs.local < prefs.cut && prefs.cut < prefs.delay);
  for (const commands of [spellIsp(isp()), spellInternet([isp()])]) {
    const [added, removed] = [`rule add pref ${prefs.local} lookup local`, 'rule del pref 0'];
    for (const family of ['', '-6 ']) {
      const at = commands.indexOf(family + added);
      assert.ok(at >= 0 && at < commands.indexOf(family + removed), 'never a moment without the local rule');
    }
  }
});

test('spellInternet() leads back to each customer: hosts to their own ISP, a shared network to the first', () => {
  const two = isps(
    { name: 'a', ipv4: '10.0.0.1/24', gateway4: '10.0.0.254' },
    { name: 'b', ipv4: '10.0.0.2/24', gateway4: '10.0.0.254' },
  );
  const back = spellInternet(two).filter((line) => line.startsWith('route add'));
  assert.deepEqual(back, [
    'route add 10.0.0.1/32 via 100.64.1.1',
    'route add 10.0.0.0/24 via 100.64.1.1',
    'route add 10.0.0.2/32 via 100.64.2.1',
  ]);
});

test('spellInternet() has no route back to an ISP that translates: its customers share an address', () => {
  const same = { ipv4: '10.0.0.1/24', gateway4: '10.0.0.254', ipv6: false } as const;
  const lines = spellInternet(isps({ name: 'a', ...same }, { name: 'b', ...same }));
  assert.deepEqual(
    lines.filter((line) => line.startsWith('route add')),
    [],
  );
});

test('splitFamilies() keeps the order, and takes -6 away', () => {
  assert.deepEqual(splitFamilies(['a', '-6 b', 'c', '-6 d']), { 4: ['a', 'c'], 6: ['b', 'd'] });
});

test('network4() and network6() give the connected network', () => {
  const ends = (address: string, prefixLength: number) => ({ address, prefixLength, gateway: '' });
  assert.equal(network4(ends('10.10.1.1', 24)), '10.10.1.0/24');
  assert.equal(network4(ends('192.168.255.255', 17)), '192.168.128.0/17');
  assert.equal(network4(ends('203.0.113.7', 30)), '203.0.113.4/30');
  assert.equal(network6(ends('2001:db8:1::1', 64)), '2001:db8:1::/64');
  assert.equal(network6(ends('2001:db8:1::1', 56)), undefined);
  assert.equal(network6(ends('2001:db8:1:2:3:4:5:6', 64)), undefined);
});
