import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkAddress } from '../../../models/link.ts';
import type { Family } from '../../../models/path.ts';
import { type AddressHints, chooseAddress, noAddress } from '../../../src/core/binding/choose-address.ts';
import { exampleAddress, exampleLink } from '../example.ts';

const deprecated = { usable: false, flaw: 'deprecated' } as const;
const tentative = { usable: false, flaw: 'tentative' } as const;
const duplicate = { usable: false, flaw: 'duplicate' } as const;
const temporary = { temporary: true } as const;

const six = (address: string, changes: Partial<LinkAddress> = {}) => exampleAddress(address, 64, changes);

function chosen(addresses: readonly LinkAddress[], hints: Partial<AddressHints> = {}, family: Family = 6) {
  const all = { configured: 'auto', gateway: undefined, current: undefined, ...hints };
  return chooseAddress(exampleLink(0, { addresses }), family, all)?.address;
}

test('a unique local address is chosen only where there is no other, wherever it is in the list', () => {
  const [local, global] = [six('fd12:3456:789a:1::1'), six('2001:db8:1::1')];
  assert.equal(chosen([local, global]), '2001:db8:1::1');
  assert.equal(chosen([global, local]), '2001:db8:1::1');
  assert.equal(chosen([local, global], { gateway: 'fd12:3456:789a:1::fe' }), '2001:db8:1::1');
  assert.equal(chosen([local, global], { current: 'fd12:3456:789a:1::1' }), '2001:db8:1::1');
  assert.equal(chosen([local, six('2001:db8:1::7', temporary)]), '2001:db8:1::7');
  assert.equal(chosen([local, six('2001:db8:1::7', deprecated)]), 'fd12:3456:789a:1::1');
  assert.equal(chosen([local]), 'fd12:3456:789a:1::1');
  assert.equal(chosen([local, six('2001:db8:1::7', tentative)]), undefined, 'it is there in a second');
});

test('a temporary address is chosen only where there is no other of its kind', () => {
  const [made, stays] = [six('2001:db8:1::7', temporary), six('2001:db8:1::1')];
  assert.equal(chosen([made, stays]), '2001:db8:1::1');
  assert.equal(chosen([made, stays], { current: '2001:db8:1::7' }), '2001:db8:1::1');
  assert.equal(chosen([made]), '2001:db8:1::7');
  const near = { gateway: '2001:db8:1::fe' };
  assert.equal(
    chosen([six('2001:db8:2::1'), made], near),
    '2001:db8:1::7',
    'the network of the gateway first',
  );
});

test('the address in use is kept among equals', () => {
  const both = [six('2001:db8:2::1'), six('2001:db8:1::1')];
  assert.equal(chosen(both), '2001:db8:2::1');
  assert.equal(chosen(both, { current: '2001:db8:1::1' }), '2001:db8:1::1');
  assert.equal(chosen(both, { current: '2001:db8:1::1', gateway: '2001:db8:2::fe' }), '2001:db8:2::1');
});

test('a deprecated address is kept while there is no other, and never chosen', () => {
  const old = six('2001:db8:1::1', deprecated);
  const current = '2001:db8:1::1';
  assert.equal(chosen([old]), undefined);
  assert.equal(chosen([old], { current }), current);
  assert.equal(chosen([six('2001:db8:2::1', tentative), old], { current }), current);
  assert.equal(chosen([six('2001:db8:2::1'), old], { current }), '2001:db8:2::1');
  assert.equal(chosen([six('fd00::1'), old], { current }), current, 'also beside a unique local one');
  assert.equal(chosen([exampleAddress('10.0.0.1', 24, deprecated)], { current: '10.0.0.1' }, 4), '10.0.0.1');
});

test('an address that may be, or is, another machine’s is never bound, even where it is configured', () => {
  for (const flaw of [tentative, duplicate]) {
    const only = [six('2001:db8:1::1', flaw)];
    assert.equal(chosen(only, { current: '2001:db8:1::1' }), undefined);
    assert.equal(chosen(only, { configured: '2001:db8:1::1' }), undefined);
  }
});

test('a configured address is bound whatever its kind', () => {
  const all = [six('fd00::1'), six('2001:db8:1::7', temporary), six('2001:db8:1::9', deprecated)];
  for (const { address } of all) assert.equal(chosen(all, { configured: address }), address);
});

test('noAddress() names the address that cannot be used, and why', () => {
  const why = (addresses: readonly LinkAddress[], configured = 'auto') =>
    noAddress(exampleLink(0, { addresses }), 6, configured);
  assert.equal(why([]), 'interface eth1 has no IPv6 address');
  assert.equal(
    why([six('2001:db8:1::1', deprecated)]),
    'interface eth1 has no IPv6 address that can be used: 2001:db8:1::1 is deprecated',
  );
  assert.equal(
    why([six('2001:db8:1::1', tentative)]),
    'interface eth1 has no IPv6 address that can be used: 2001:db8:1::1 is still being checked for duplicates',
  );
  assert.equal(why([], '2001:db8:1::1'), 'address 2001:db8:1::1 is gone from eth1');
  assert.equal(
    why([six('2001:db8:1::1', duplicate)], '2001:db8:1::1'),
    'address 2001:db8:1::1 of eth1 is used by another machine, too',
  );
});
