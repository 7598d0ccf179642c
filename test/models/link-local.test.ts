import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLinkLocal } from '../../models/link-local.ts';

test('isLinkLocal() is fe80::/10 and nothing else', () => {
  for (const address of ['fe80::1', 'FE80::1%eth1', 'fe90::1', 'febf:1::1'])
    assert.equal(isLinkLocal(address), true, address);
  for (const address of ['fec0::1', 'fe8::1', 'fd01::1', '2001:db8::fe80:1', '169.254.1.1', 'fe80.test'])
    assert.equal(isLinkLocal(address), false, address);
});
