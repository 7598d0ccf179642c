import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { Family } from '../../../models/path.ts';
import { elect } from '../../../src/core/election/election.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { diff } from '../../../src/core/routes/diff.ts';
import { spellCommand } from '../../../src/core/routes/spell.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { justBecause } from '../../../src/core/state/why.ts';
import { step } from '../../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  passed,
  start,
  warmUp,
} from '../example.ts';

const shared = [
  exampleProvider(0, { tier: 1, weight: 3 }),
  exampleProvider(1, { tier: 1 }),
  exampleProvider(2, { tier: 2 }),
];

function balanced(changes: Partial<Config> = {}): State {
  return warmUp(exampleState(exampleConfig({ providers: shared, ...changes })));
}

/** The commands that make everything in an empty kernel, those that match. */
function commands(state: State, pattern: RegExp): string[] {
  const wanted = desired(state);
  assert.ok(wanted !== undefined);
  return diff(wanted, { routes: [], rules: [] })
    .map(spellCommand)
    .filter((line) => pattern.test(line));
}

/** Fails checks of a path for two seconds from `after` ms on. */
function die(state: State, path: `${string}/${Family}`, after: number): string[] {
  return Array.from({ length: 40 }, (_, i) => check(path, after + i * 50, failed(), 40))
    .flatMap((event) => step(state, event).decisions)
    .flatMap(({ kind, sentence, reason }) => (kind === 'switch' ? [`${sentence} (${reason})`] : []));
}

test('elect() has the reliable ones of the best tier share', () => {
  const state = balanced();
  assert.deepEqual(state.active[4], ['fibre', 'lte']);
});

test('step() takes a member that died out of the share, says so, and takes it in again', () => {
  const state = balanced();
  const [gone] = die(state, 'lte/4', 6000);
  assert.match(gone ?? '', /^IPv4 goes on through fibre, without lte \(shared: lte is down: /);
  assert.deepEqual(state.active[4], ['fibre']);
  const back: string[] = [];
  for (let after = 9000; after < 60_000; after += 1000) {
    const events = (['fibre', 'lte', 'dsl'] as const).map((id) => check(`${id}/4`, after, passed()));
    for (const event of [...events, { type: 'tick', at: start + after + 500 } as const])
      for (const { kind, sentence } of step(state, event).decisions)
        if (kind === 'switch') back.push(sentence);
  }
  assert.deepEqual(back, ['IPv4 goes through fibre and lte: lte joins']);
});

test('step() goes to the next tier only when the whole tier is down', () => {
  const state = balanced();
  die(state, 'lte/4', 6000);
  const [moved] = die(state, 'fibre/4', 9000);
  assert.match(moved ?? '', /^IPv4 moves from fibre to dsl \(failover: fibre is down/);
  assert.deepEqual(state.active[4], ['dsl']);
});

test('elect() has one pinned provider carry everything', () => {
  const state = balanced();
  step(state, { type: 'sticky', at: start + 6500, sticky: { id: 'lte', until: undefined } });
  assert.deepEqual(state.active[4], ['lte']);
  step(state, { type: 'sticky', at: start + 6600, sticky: undefined });
  assert.deepEqual(state.active[4], ['fibre', 'lte']);
});

test('elect() keeps those who shared while nothing is known of them yet', () => {
  const memory = { active: { 4: ['fibre', 'lte'], 6: [] }, paths: [] };
  const state = initial(exampleConfig({ providers: shared }), start, memory);
  step(state, { type: 'links', at: start, links: exampleLinks() });
  assert.deepEqual(state.active[4], ['fibre', 'lte']);
  step(state, check('fibre/4', 100));
  step(state, check('dsl/4', 200));
  assert.deepEqual(state.active[4], ['fibre', 'lte'], 'no verdict yet is no reason to leave one');
  for (let i = 0; i < 3; i += 1) step(state, check('lte/4', 300 + i * 50, failed(), 40));
  assert.deepEqual(state.active[4], ['fibre'], 'failures are');
});

test('elect() keeps those who shared when all are down', () => {
  const dead = {
    health: 'unreliable',
    liveness: 'down',
    obstructed: false,
    since: start,
    recentlyChecked: true,
  } as const;
  const why = justBecause('nothing got through');
  const candidates = ['a', 'b', 'c'].map((id) => ({ id, tier: 1, why, ...dead }));
  const circumstances = { config: exampleConfig(), sticky: undefined, now: start };
  assert.deepEqual(elect(candidates, ['a', 'c'], circumstances).ids, ['a', 'c']);
});

test('desired() shares by a resilient group whose members bear the weights', () => {
  assert.deepEqual(commands(balanced(), /nexthop|main|default .*metric 1\d\d /), [
    'ip nexthop add id 774000101 via 10.10.1.254 dev eth1 proto 77',
    'ip nexthop add id 774000102 via 10.10.2.254 dev eth2 proto 77',
    'ip nexthop add id 774508000 group 774000101,3/774000102 type resilient buckets 256 idle_timer 60 unbalanced_timer 0 proto 77',
    'ip -4 rule add pref 10772 from 10.10.1.1 lookup main suppress_prefixlength 0 protocol 77',
    'ip -4 rule add pref 10772 from 10.10.2.1 lookup main suppress_prefixlength 0 protocol 77',
    'ip -4 rule add pref 10772 from 10.10.3.1 lookup main suppress_prefixlength 0 protocol 77',
    'ip -4 route add default nhid 774508000 metric 100 proto 77',
    'ip -4 route add default via 10.10.3.254 dev eth3 src 10.10.3.1 metric 101 proto 77',
  ]);
});

test('desired() shares by a multipath route where the kernel has no groups', () => {
  assert.deepEqual(commands(balanced({ multipath: 'classic' }), /nexthop/), [
    'ip -4 route add default metric 100 proto 77 nexthop via 10.10.1.254 dev eth1 weight 3 nexthop via 10.10.2.254 dev eth2 weight 1',
  ]);
});

test('diff() takes a member out of the share with one change to the group and none to routes', () => {
  const state = balanced();
  const before = desired(state);
  die(state, 'lte/4', 6000);
  const after = desired(state);
  assert.ok(before !== undefined && after !== undefined);
  assert.deepEqual(diff(after, before).map(spellCommand), [
    'ip nexthop replace id 774508000 group 774000101 type resilient buckets 256 idle_timer 60 unbalanced_timer 0 proto 77',
    'ip -4 route add default via 10.10.2.254 dev eth2 src 10.10.2.1 metric 102 proto 77',
    'ip nexthop delete id 774000102',
  ]);
});

test('desired() leaves a member without carrier out: the kernel has no way without', () => {
  const state = balanced();
  const { links, defaults } = exampleLinks(3);
  const cut = links.map((link) => (link.name === 'eth2' ? { ...link, carrier: false } : link));
  step(state, { type: 'links', at: start + 7000, links: { links: cut, defaults } });
  assert.deepEqual(commands(state, /nexthop add/), [
    'ip nexthop add id 774000101 via 10.10.1.254 dev eth1 proto 77',
    'ip nexthop add id 774508000 group 774000101 type resilient buckets 256 idle_timer 60 unbalanced_timer 0 proto 77',
  ]);
});

const table = {
  layout: 'table',
  routes: ['default', '198.51.100.0/24'],
  excludes: ['192.168.0.0/16', 'fc00::/7'],
} as const;

test('desired() in layout table leads to our own table by rules, past what is excluded', () => {
  const state = warmUp(exampleState(exampleConfig(table)));
  assert.deepEqual(commands(state, /pref 1078/), [
    'ip -4 rule add pref 10783 lookup main protocol 77',
    'ip -4 rule add pref 10781 to 192.168.0.0/16 goto 10783 protocol 77',
    'ip -4 rule add pref 10780 lookup main suppress_prefixlength 0 protocol 77',
    'ip -4 rule add pref 10782 lookup 100 protocol 77',
  ]);
  assert.deepEqual(commands(state, /route.* table 100 /), [
    'ip -4 route add default nhid 774508000 table 100 metric 100 proto 77',
    'ip -4 route add 198.51.100.0/24 nhid 774508000 table 100 metric 100 proto 77',
    'ip -4 route add default nhid 774508001 table 100 metric 101 proto 77',
    'ip -4 route add 198.51.100.0/24 nhid 774508001 table 100 metric 101 proto 77',
  ]);
  assert.deepEqual(commands(state, /route add default .*metric 10\d proto/).length, 2, 'none in main');
});

test('diff() moves any number of prefixes with the same few changes to groups', () => {
  const changes = [1, 100].map((count) => {
    const routes = ['default', ...Array.from({ length: count }, (_, i) => `198.51.${i}.0/24`)];
    const state = warmUp(exampleState(exampleConfig({ ...table, routes })));
    const before = desired(state);
    die(state, 'fibre/4', 6000);
    const after = desired(state);
    assert.ok(before !== undefined && after !== undefined);
    return diff(after, before).map(spellCommand);
  });
  assert.deepEqual(changes[0], changes[1]);
  assert.deepEqual(
    changes[0]?.map((line) => line.replace(/ type.*/, '')),
    [
      'ip nexthop add id 774000103 via 10.10.3.254 dev eth3 proto 77',
      'ip nexthop replace id 774508000 group 774000102',
      'ip nexthop replace id 774508001 group 774000103',
      'ip nexthop delete id 774000101',
    ],
  );
});

for (const [allDown, expected] of [
  ['remove', []],
  ['unreachable', ['ip -4 route add unreachable default table 100 metric 100 proto 77']],
] as const)
  test(`desired() in layout table with everything down and allDown '${allDown}'`, () => {
    const state = warmUp(exampleState(exampleConfig({ layout: 'table', allDown })));
    for (const [i, id] of (['fibre', 'lte', 'dsl'] as const).entries())
      die(state, `${id}/4`, 6000 + i * 3000);
    assert.deepEqual(state.active[4], []);
    assert.deepEqual(commands(state, /table 100 /), expected);
  });

test('providerRules() adds rules for marks where connections are marked', () => {
  assert.deepEqual(commands(balanced({ connectionMarks: true }), /fwmark 0x3/), [
    'ip -4 rule add pref 10774 fwmark 0x3000000/0xff000000 lookup main suppress_prefixlength 0 protocol 77',
    'ip -4 rule add pref 10775 fwmark 0x3000000/0xff000000 lookup 103 protocol 77',
  ]);
  assert.deepEqual(commands(balanced(), /fwmark/), []);
});
