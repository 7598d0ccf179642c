import assert from 'node:assert/strict';
import { SocketAddress } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressBytes } from '../../src/reach/address-bytes.ts';

for (const [text, hex] of [
  ['10.1.2.255', '0a0102ff'],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['2606:4700:4700::1111', '26064700470000000000000000001111'],
  ['fe80::2%eth1', 'fe800000000000000000000000000002'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ['::ffff:10.1.2.3', '00000000000000000000ffff0a010203'],
] as const)
  test(`addressBytes() reads ${text}`, () =>
    assert.equal(Buffer.from(addressBytes(text)).toString('hex'), hex));

test('addressBytes() refuses what is no address', () => {
  for (const text of ['', 'eth1', '10.1.1', '10.1.1.256', '1::2::3', 'one.one.one.one'])
    assert.throws(() => addressBytes(text), /is not an IP address/);
});

test('addressBytes() reads every IPv6 address as Node writes it', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const long = groups.map((one) => one.toString(16)).join(':');
      const short = new SocketAddress({ address: long, family: 'ipv6' }).address;
      assert.deepEqual(addressBytes(short), addressBytes(long));
      assert.deepEqual(
        [...addressBytes(long)],
        groups.flatMap((one) => [one >> 8, one & 0xff]),
      );
    }),
  );
});
