import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Binding, sameBinding } from '../../models/path.ts';

const eth1: Binding = {
  interfaceName: 'eth1',
  interfaceIndex: 3,
  address: '10.1.1.1',
  network: '10.1.1.0/24',
  gateway: '10.1.1.254',
};

for (const [what, changes, expected] of [
  ['nothing', {}, true],
  ['the connected network', { network: undefined }, true],
  ['the device', { interfaceName: 'eth2' }, false],
  ['the device, re-created under its name', { interfaceIndex: 4 }, false],
  ['the address', { address: '10.1.1.2' }, false],
  ['the gateway', { gateway: undefined }, false],
  ['the mark', { mark: 1 }, false],
] as const)
  test(`sameBinding() when ${what} differs`, () => {
    // In another order, which says nothing.
    const other: Binding = {
      ...changes,
      ...Object.fromEntries(Object.entries({ ...eth1, ...changes }).reverse()),
    } as Binding;
    assert.equal(sameBinding(eth1, other), expected);
    assert.equal(sameBinding(other, eth1), expected);
  });

test('sameBinding() of paths that are not bound', () => {
  assert.equal(sameBinding(undefined, undefined), true);
  assert.equal(sameBinding(eth1, undefined), false);
});
