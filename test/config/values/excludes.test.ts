import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains } from '../../../models/address.ts';
import { networkOf } from '../../../src/config/values/address.ts';
import { excludedNetworks, minimise } from '../../../src/config/values/excludes.ts';

const table: readonly [string, readonly string[], readonly string[]][] = [
  ['nothing', [], []],
  ['a network twice', ['10.0.0.0/8', '10.0.0.0/8'], ['10.0.0.0/8']],
  ['a subset', ['10.1.0.0/16', '10.0.0.0/8'], ['10.0.0.0/8']],
  ['two halves', ['10.0.0.0/9', '10.128.0.0/9'], ['10.0.0.0/8']],
  ['neighbours that are no halves of one', ['10.1.0.0/16', '10.2.0.0/16'], ['10.1.0.0/16', '10.2.0.0/16']],
  ['four quarters', ['10.0.0.0/10', '10.192.0.0/10', '10.64.0.0/10', '10.128.0.0/10'], ['10.0.0.0/8']],
  ['a half that a join makes a subset', ['10.0.0.0/9', '10.128.0.0/10', '10.192.0.0/10'], ['10.0.0.0/8']],
  ['all of a family', ['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/0']],
  ['single addresses', ['192.0.2.0/32', '192.0.2.1/32'], ['192.0.2.0/31']],
  ['IPv6 halves', ['fc00::/8', 'fd00::/8'], ['fc00::/7']],
  ['both families apart', ['::/1', '0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/0', '::/1']],
];

for (const [what, networks, expected] of table)
  test(`minimise() of ${what}`, () => {
    assert.deepEqual(minimise(networks), expected);
  });

test('excludedNetworks() has the fourteen reserved IPv4 blocks, and IPv6 ones', () => {
  const reserved = excludedNetworks({ reserved: true });
  assert.equal(reserved.filter((network) => !network.includes(':')).length, 14);
  const holds = (address: string): boolean =>
    reserved.some((one) => one.includes(':') === address.includes(':') && contains(one, address));
  for (const address of ['10.1.2.3', '192.168.9.9', '240.0.0.1', '255.255.255.255', 'fd00::1', 'fe80::1'])
    assert.ok(holds(address), address);
  for (const address of ['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700::1'])
    assert.ok(!holds(address), address);
  assert.deepEqual(excludedNetworks({ networks: ['10.0.0.0/9'], reserved: true }), reserved);
});

const network = fc
  .record({ bits: fc.nat(15), length: fc.integer({ min: 0, max: 8 }) })
  .map(({ bits, length }) => networkOf(`${bits * 16}.0.0.0/${length}`));

test('minimise() covers the same addresses, with no two networks that could be one', () => {
  fc.assert(
    fc.property(fc.array(network, { maxLength: 12 }), (networks) => {
      const fewest = minimise(networks);
      for (let byte = 0; byte < 256; byte += 1) {
        const covered = (list: readonly string[]): boolean =>
          list.some((one) => contains(one, `${byte}.1.2.3`));
        assert.equal(covered(fewest), covered(networks), `${byte}.1.2.3`);
      }
      assert.deepEqual(minimise(fewest), fewest);
      assert.ok(fewest.length <= new Set(networks).size);
    }),
  );
});
