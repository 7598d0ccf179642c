import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  networkOf,
  readGateway,
  readNetwork,
  readOwnAddress,
  reservedIn,
} from '../../../src/config/values/address.ts';

test('networkOf() takes the host bits off', () => {
  assert.equal(networkOf('10.1.2.3/20'), '10.1.0.0/20');
  assert.equal(networkOf('10.1.2.3/0'), '0.0.0.0/0');
  assert.equal(networkOf('10.1.2.3/32'), '10.1.2.3/32');
  assert.equal(networkOf('2001:db8:0:ffff::1/49'), '2001:db8:0:8000::/49');
  assert.equal(networkOf('2001:db8::1/128'), '2001:db8::1/128');
});

test('reservedIn() names the addresses no machine may have', () => {
  assert.equal(reservedIn('10.0.0.0/24', '10.0.0.0'), 'network');
  assert.equal(reservedIn('10.0.0.0/24', '10.0.0.255'), 'broadcast');
  assert.equal(reservedIn('10.0.0.0/24', '10.0.0.1'), undefined);
  assert.equal(reservedIn('10.0.0.0/31', '10.0.0.0'), undefined);
  assert.equal(reservedIn('2001:db8::/64', '2001:db8::'), undefined);
});

test('addresses are spelled as the kernel spells them', () => {
  assert.deepEqual(readGateway(6, '2001:DB8:0:0:1:0:0:1'), { value: '2001:db8::1:0:0:1' });
  assert.deepEqual(readOwnAddress(6, '2001:0db8::0002/64'), { value: '2001:db8::2/64' });
  assert.deepEqual(readNetwork(6, '2001:DB8::/32'), { value: '2001:db8::/32' });
});
