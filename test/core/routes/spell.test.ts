import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, Route, Rule } from '../../../models/route.ts';
import { familyOf, spell, spellCommand } from '../../../src/core/routes/spell.ts';

const route: Route = {
  family: 4,
  table: 254,
  dst: 'default',
  metric: 100,
  type: 'unicast',
  gateway: '10.10.1.254',
  dev: 'eth1',
  src: '10.10.1.1',
  onlink: false,
};

const rule: Rule = {
  family: 4,
  pref: 10770,
  from: undefined,
  to: undefined,
  oif: undefined,
  table: 101,
  suppressPrefixLength: undefined,
};

const lines: readonly [Operation, string][] = [
  [
    { action: 'replace', route },
    'ip -4 route replace default via 10.10.1.254 dev eth1 src 10.10.1.1 metric 100 proto 77',
  ],
  [
    { action: 'add', route: { ...route, table: 101, metric: 0, onlink: true } },
    'ip -4 route add default via 10.10.1.254 dev eth1 src 10.10.1.1 onlink table 101 proto 77',
  ],
  [
    { action: 'add', route: { ...route, table: 101, metric: 0, dst: '10.10.1.0/24', gateway: undefined } },
    'ip -4 route add 10.10.1.0/24 dev eth1 src 10.10.1.1 scope link table 101 proto 77',
  ],
  [
    { action: 'delete', route: { ...route, gateway: undefined, src: undefined, dev: 'wg0' } },
    'ip -4 route delete default dev wg0 scope link metric 100 proto 77',
  ],
  [
    {
      action: 'add',
      route: { ...route, family: 6, gateway: 'fe80::1', src: undefined, table: 101, metric: 1024 },
    },
    'ip -6 route add default via fe80::1 dev eth1 table 101 metric 1024 proto 77',
  ],
  [
    {
      action: 'add',
      route: { ...route, family: 6, dst: '2001:db8:1::/64', gateway: undefined, src: undefined },
    },
    'ip -6 route add 2001:db8:1::/64 dev eth1 metric 100 proto 77',
  ],
  [
    {
      action: 'add',
      route: {
        ...route,
        type: 'unreachable',
        gateway: undefined,
        dev: undefined,
        src: undefined,
        table: 101,
        metric: 4294967294,
      },
    },
    'ip -4 route add unreachable default table 101 metric 4294967294 proto 77',
  ],
  [
    { action: 'add', rule: { ...rule, oif: 'eth1' } },
    'ip -4 rule add pref 10770 oif eth1 lookup 101 protocol 77',
  ],
  [
    { action: 'add', rule: { ...rule, pref: 10771, from: '10.10.1.1', to: '10.10.1.0/24' } },
    'ip -4 rule add pref 10771 from 10.10.1.1 to 10.10.1.0/24 lookup 101 protocol 77',
  ],
  [
    {
      action: 'delete',
      rule: { ...rule, pref: 10772, from: '10.10.1.1', table: 254, suppressPrefixLength: 0 },
    },
    'ip -4 rule delete pref 10772 from 10.10.1.1 lookup main suppress_prefixlength 0 protocol 77',
  ],
  [
    { action: 'add', rule: { ...rule, family: 6, pref: 10773, from: '2001:db8:1::/64' } },
    'ip -6 rule add pref 10773 from 2001:db8:1::/64 lookup 101 protocol 77',
  ],
];

for (const [operation, line] of lines) {
  test(`spellCommand() writes ${line}`, () => {
    assert.equal(spellCommand(operation), line);
    assert.equal(`ip -${familyOf(operation)} ${spell(operation)}`, line);
  });
}
