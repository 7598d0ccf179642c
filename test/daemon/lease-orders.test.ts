import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromWallClock } from '../../src/daemon/clock.ts';
import { type GivenReport, leaseEvents, readLeaseOrder } from '../../src/daemon/lease-orders.ts';

const future = Math.round(Date.now() / 1000) + 3600;

test('readLeaseOrder() reads what DHCP clients give, and spells addresses as the kernel does', () => {
  const read = (what: string, words: readonly string[], more: object = {}): unknown =>
    readLeaseOrder({ what, device: 'eth1', words, ...more });
  assert.deepEqual(read('gateway', ['10.10.1.254'], { until: String(future), source: 'dhclient' }), {
    ...{ what: 'gateway', device: 'eth1', addresses: ['10.10.1.254'], families: [4] },
    ...{ until: future, source: 'dhclient' },
  });
  assert.deepEqual(read('gateway', ['FE80:0::1%eth1']), {
    ...{ what: 'gateway', device: 'eth1', addresses: ['fe80::1'], families: [6], source: 'operator' },
  });
  assert.deepEqual(read('dns', ['10.0.0.53', '2001:db8::0:53']), {
    ...{ what: 'dns', device: 'eth1', addresses: ['10.0.0.53', '2001:db8::53'], families: [4, 6] },
    source: 'operator',
  });
  assert.deepEqual(read('gone', ['6']), {
    ...{ what: 'gone', device: 'eth1', addresses: [], families: [6], source: 'operator' },
  });
});

test('readLeaseOrder() says what is wrong, and what would be right', () => {
  const mistakes: readonly (readonly [GivenReport, RegExp])[] = [
    [{ what: 'route' }, /a report is about gateway, dns, gone, not "route"/],
    [{ what: 'gone' }, /the device must be .*'eth1' \(found "undefined"\)/],
    [{ what: 'gone', device: 'lo' }, /'lo' is this machine itself/],
    [{ what: 'gone', device: 'eth1/../x' }, /the device must be the name of an interface/],
    [{ what: 'gone', device: 'eth1', words: ['5'] }, /4 or 6 \(found "5"\)/],
    [{ what: 'gone', device: 'eth1', words: ['4', '6'] }, /4 or 6 \(found "4 6"\)/],
    [
      { what: 'gateway', device: 'eth1' },
      /the address of the gateway is missing: "failover tell gateway eth1/,
    ],
    [{ what: 'dns', device: 'eth1', words: [] }, /the address of a nameserver is missing/],
    [{ what: 'gateway', device: 'eth1', words: ['10.0.0.1', '10.0.0.2'] }, /one gateway in each family/],
    [
      { what: 'gateway', device: 'eth1', words: ['10.0.1'] },
      /must be an address such as .* \(found "10\.0\.1"\)/,
    ],
    [{ what: 'gateway', device: 'eth1', words: ['010.0.0.1'] }, /must be an address/],
    [{ what: 'gateway', device: 'eth1', words: ['fe80::1%eth2'] }, /must be an address/],
    [{ what: 'gateway', device: 'eth1', words: ['0.0.0.0'] }, /that of another machine/],
    [{ what: 'gateway', device: 'eth1', words: ['224.0.0.1'] }, /that of another machine/],
    [{ what: 'gateway', device: 'eth1', words: ['255.255.255.255'] }, /that of another machine/],
    [{ what: 'dns', device: 'eth1', words: ['::1'] }, /that of another machine/],
    [{ what: 'dns', device: 'eth1', words: ['127.0.0.53'] }, /that of another machine/],
    [{ what: 'dns', device: 'eth1', words: ['ff02::1'] }, /that of another machine/],
    [{ what: 'dns', device: 'eth1', words: ['::ffff:10.0.0.1'] }, /that of another machine/],
  ];
  for (const [given, expected] of mistakes) assert.throws(() => readLeaseOrder(given), expected);
  const valid = { what: 'gateway', device: 'eth1', words: ['10.0.0.1'] };
  for (const until of ['tomorrow', '-5', '1e9', '3600s', ''])
    assert.throws(() => readLeaseOrder({ ...valid, until }), /--until must be a time in seconds since 1970/);
  assert.throws(
    () => readLeaseOrder({ ...valid, until: '1000' }),
    /in the future: 1970-01-01T00:16:40.000Z is over/,
  );
  for (const source of ['', 'a b', '-x', 'x'.repeat(33)])
    assert.throws(() => readLeaseOrder({ ...valid, source }), /--source must be 1 to 32/);
});

test('leaseEvents() makes an event for each family', () => {
  const order = readLeaseOrder({
    ...{ what: 'dns', device: 'eth1', words: ['10.0.0.53', '2001:db8::53', '10.0.0.54'] },
    ...{ until: future, source: 'pppd' },
  });
  const shared = {
    type: 'lease',
    at: 5,
    device: 'eth1',
    source: 'pppd',
    until: fromWallClock(future * 1000),
  };
  assert.deepEqual(leaseEvents(order, 5), [
    { ...shared, family: 4, dns: ['10.0.0.53', '10.0.0.54'] },
    { ...shared, family: 6, dns: ['2001:db8::53'] },
  ]);
  const gone = leaseEvents(readLeaseOrder({ what: 'gone', device: 'eth1' }), 5);
  assert.deepEqual(
    gone.map(({ family, gateway, dns }) => [family, gateway, dns]),
    [
      [4, undefined, undefined],
      [6, undefined, undefined],
    ],
  );
});
