import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readForeignRules } from '../../src/watch/read-rules.ts';
import { ip } from '../support/ip.ts';

async function found(family: 4 | 6): Promise<readonly unknown[]> {
  return readForeignRules(family, JSON.parse(await ip(`-N -j -${family} rule show`)));
}

test('readForeignRules() finds none in a fresh network, nor our own', async () => {
  assert.deepEqual([await found(4), await found(6)], [[], []]);
  await ip('rule add pref 10770 from 10.10.1.1 lookup 101 protocol 77');
  assert.deepEqual(await found(4), []);
});

test('readForeignRules() reads what wg-quick, Tailscale and operators add, in the order of the kernel', async () => {
  await ip('rule add pref 32765 lookup 100 protocol 77');
  await ip('rule add pref 32765 from 192.168.5.0/24 lookup 200');
  await ip('rule add not fwmark 0xca6c table 51820');
  await ip('rule add table main suppress_prefixlength 0');
  await ip('rule add pref 5250 fwmark 0x80000/0xff0000 unreachable');
  await ip('rule add pref 400 from 10.1.1.1 iif lo tos 0x10 ipproto tcp dport 80 to 10.0.0.0/8 goto 32766');
  const from = { from: '192.168.5.0/24', table: 200, isAfterOurs: true };
  const mark = { value: 0xca6c, mask: 0xffffffff };
  assert.deepEqual(await found(4), [
    {
      ...{ family: 4, pref: 400, from: '10.1.1.1', isNarrow: true },
      text: 'from 10.1.1.1 to 10.0.0.0/8 tos 0x10 iif lo ipproto tcp dport 80 goto 32766',
    },
    {
      ...{ family: 4, pref: 5250, mark: { value: 0x80000, mask: 0xff0000 } },
      text: 'from all fwmark 0x80000/0xff0000 unreachable',
    },
    {
      ...{ family: 4, pref: 10768, table: 254, suppressPrefixLength: 0 },
      text: 'from all lookup main suppress_prefixlength 0',
    },
    {
      ...{ family: 4, pref: 10769, table: 51820, isNot: true, mark },
      text: 'not from all fwmark 0xca6c lookup 51820',
    },
    { family: 4, pref: 32765, ...from, text: 'from 192.168.5.0/24 lookup 200' },
  ]);
});

test('readForeignRules() takes a rule of its own for main at the kernel’s preference for foreign if it selects', async () => {
  await ip('-6 rule add pref 32766 from 2001:db8::/32 lookup main');
  assert.deepEqual(await found(6), [
    { family: 6, pref: 32766, from: '2001:db8::/32', table: 254, text: 'from 2001:db8::/32 lookup main' },
  ]);
});
