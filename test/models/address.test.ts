import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { contains, networkOf } from '../../models/address.ts';

const runs = { numRuns: 500 };
// fast-check also writes `::ffff:1.2.3.4`; ipaddr.js gives the words of RFC 5952, which is what the kernel prints.
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => {
  const sparse = bytes.map((byte) => (byte < 128 ? 0 : byte));
  return ipaddr.fromByteArray([...sparse]);
});
const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => ipaddr.fromByteArray([...bytes]));

function bytesUnderMask(bytes: readonly number[], prefixLength: number): number[] {
  return bytes.map((byte, i) => {
    const bits = Math.max(0, Math.min(8, prefixLength - 8 * i));
    return byte & (0xff00 >> bits) & 0xff;
  });
}

for (const [name, address, width] of [
  ['IPv4', v4, 32],
  ['IPv6', v6, 128],
] as const) {
  test(`networkOf() agrees with ipaddr.js for ${name}`, () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: width }), (ip, length) => {
        const expected = ipaddr.fromByteArray(bytesUnderMask(ip.toByteArray(), length));
        assert.equal(networkOf(ip.toString(), length), `${expected.toString()}/${length}`);
      }),
      runs,
    );
  });

  test(`contains() agrees with ipaddr.js for ${name}, near misses included`, () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: width }), fc.nat(width - 1), (base, length, flip) => {
        const bytes = base.toByteArray();
        bytes[flip >> 3] = (bytes[flip >> 3] ?? 0) ^ (0x80 >> (flip & 7));
        const other = ipaddr.fromByteArray(bytes);
        assert.equal(contains(`${base.toString()}/${length}`, other.toString()), flip >= length);
        assert.equal(contains(`${base.toString()}/${length}`, base.toString()), true);
      }),
      runs,
    );
  });
}

test('contains() is false across families and knows zones and dotted tails', () => {
  assert.equal(contains('0.0.0.0/0', '::1'), false);
  assert.equal(contains('::/0', '10.0.0.1'), false);
  assert.equal(contains('fe80::/64', 'fe80::1%eth1'), true);
  assert.equal(contains('::ffff:10.0.0.0/104', '::ffff:10.1.2.3'), true);
  assert.equal(contains('::ffff:10.0.0.0/104', '::ffff:11.1.2.3'), false);
});
