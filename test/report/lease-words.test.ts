import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaseWords } from '../../src/report/lease-words.ts';

test('leaseWords() names what was reported, by whom, and for how long it holds', () => {
  const at = 1_700_000_000_000;
  const gateway = { value: '10.10.1.254', source: 'dhclient', at, until: at + 7_200_000 };
  const dns = { value: ['10.10.1.53', '10.10.1.54'], source: 'pppd', at };
  assert.equal(leaseWords({ gateway }, at), 'reported: gateway 10.10.1.254 (dhclient, 2 h left)');
  assert.equal(
    leaseWords({ gateway, dns }, at + 7_200_001),
    'reported: gateway 10.10.1.254 (dhclient, 0 ms left), DNS 10.10.1.53 10.10.1.54 (pppd)',
  );
});
