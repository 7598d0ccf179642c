import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelRoutes } from '../../../models/route.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { diff, routeKey } from '../../../src/core/routes/diff.ts';
import { spellCommand } from '../../../src/core/routes/spell.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  exampleConfig,
  exampleLink,
  exampleLinks,
  exampleProvider,
  exampleState,
  start,
} from '../example.ts';

const nothing: KernelRoutes = { routes: [], rules: [] };
const two = exampleConfig({ providers: [exampleProvider(0), exampleProvider(1)] });

function wish(state: State): KernelRoutes {
  const wanted = desired(state);
  assert.ok(wanted !== undefined);
  return wanted;
}

function commands(wanted: KernelRoutes, actual: KernelRoutes): string[] {
  return diff(wanted, actual).map(spellCommand);
}

test('diff() builds everything in an empty kernel: own tables, rules, then main', () => {
  const one = exampleConfig({ providers: [exampleProvider(0)] });
  assert.deepEqual(commands(wish(exampleState(one)), nothing), [
    'ip -4 route add 10.10.1.0/24 dev eth1 src 10.10.1.1 scope link table 101 proto 77',
    'ip -4 route add default via 10.10.1.254 dev eth1 src 10.10.1.1 table 101 proto 77',
    'ip -4 route add unreachable default table 101 metric 4294967294 proto 77',
    'ip -4 rule add pref 10770 oif eth1 lookup 101 protocol 77',
    'ip -4 rule add pref 10771 from 10.10.1.1 to 10.10.1.0/24 lookup 101 protocol 77',
    'ip -4 rule add pref 10772 from 10.10.1.1 lookup main suppress_prefixlength 0 protocol 77',
    'ip -4 rule add pref 10773 from 10.10.1.1 lookup 101 protocol 77',
    'ip -4 route add default via 10.10.1.254 dev eth1 src 10.10.1.1 metric 100 proto 77',
  ]);
});

test('diff() takes everything down in reverse: main, rules, own tables', () => {
  const one = exampleConfig({ providers: [exampleProvider(0)] });
  const lines = commands(nothing, wish(exampleState(one)));
  assert.deepEqual(
    lines.map((line) => line.split(' ').slice(2, 4).join(' ')),
    ['route delete', ...Array(4).fill('rule delete'), ...Array(3).fill('route delete')],
  );
  assert.match(lines[0] ?? '', /metric 100 proto 77$/);
});

test('diff() promotes by replacing the best metric first, and touches nothing else', () => {
  const state = exampleState(two);
  const before = wish(state);
  step(state, { type: 'sticky', at: start, sticky: { id: 'lte', until: undefined } });
  assert.deepEqual(commands(wish(state), before), [
    'ip -4 route replace default via 10.10.2.254 dev eth2 src 10.10.2.1 metric 100 proto 77',
    'ip -4 route replace default via 10.10.1.254 dev eth1 src 10.10.1.1 metric 101 proto 77',
  ]);
});

test('diff() adds, and does not replace, what is missing', () => {
  const wanted = wish(exampleState(two));
  const actual = { ...wanted, routes: wanted.routes.filter(({ metric }) => metric !== 101) };
  assert.deepEqual(commands(wanted, actual), [
    'ip -4 route add default via 10.10.2.254 dev eth2 src 10.10.2.1 metric 101 proto 77',
  ]);
});

test('diff() repairs what somebody altered, in routes and rules', () => {
  const wanted = wish(exampleState(two));
  const routes = wanted.routes.map((route) =>
    route.metric === 100 ? { ...route, gateway: '10.10.1.9' } : route,
  );
  const rules = wanted.rules.map((rule, i) => (i === 0 ? { ...rule, table: 999 } : rule));
  assert.deepEqual(commands(wanted, { routes, rules }), [
    'ip -4 rule add pref 10770 oif eth1 lookup 101 protocol 77',
    'ip -4 route replace default via 10.10.1.254 dev eth1 src 10.10.1.1 metric 100 proto 77',
    'ip -4 rule delete pref 10770 oif eth1 lookup 999 protocol 77',
  ]);
});

test('diff() is empty between a wish and itself in any order', () => {
  const wanted = wish(exampleState(two));
  const shuffled = { routes: wanted.routes.toReversed(), rules: wanted.rules.toReversed() };
  assert.deepEqual(diff(wanted, shuffled), []);
});

test('diff() moves to another address before it forgets the old one', () => {
  const state = exampleState(two);
  const before = wish(state);
  const moved = exampleLink(0, {
    addresses: [{ ...exampleLink(0).addresses[0], address: '10.10.1.77' } as never],
  }); // the first example address exists
  step(state, { type: 'links', at: start, links: { ...exampleLinks(2), links: [moved, exampleLink(1)] } });
  const actions = diff(wish(state), before).map(
    (operation) => `${operation.action} ${'rule' in operation ? 'rule' : 'route'}`,
  );
  assert.deepEqual(actions, [
    ...Array(2).fill('replace route'),
    ...Array(3).fill('add rule'),
    'replace route',
    ...Array(3).fill('delete rule'),
  ]);
});

test('diff() puts the active route back before a backup that carries the traffic meanwhile is changed', () => {
  const state = exampleState(exampleConfig({ layout: 'table' }));
  const before = wish(state);
  const { links, defaults } = exampleLinks();
  const gone = links.map((link) => (link.name === 'eth1' ? { ...link, up: false, carrier: false } : link));
  step(state, {
    type: 'links',
    at: start + 1000,
    links: { links: gone, defaults: defaults.filter(({ interfaceName }) => interfaceName !== 'eth1') },
  });
  assert.deepEqual(state.active[4], ['lte']);
  // The kernel has removed everything that led through eth1: its nexthop, the group of it, the routes of that.
  const first = before.routes.find(({ table, metric }) => table === 100 && metric === 100)?.nhid;
  const actual = {
    ...before,
    routes: before.routes.filter(({ dev, nhid }) => dev !== 'eth1' && (nhid === undefined || nhid !== first)),
    nexthops: (before.nexthops ?? []).filter(
      (nexthop) => nexthop.id !== first && !('dev' in nexthop && nexthop.dev === 'eth1'),
    ),
  };
  const lines = commands(wish(state), actual).filter((line) => /nexthop|table 100/.test(line));
  assert.deepEqual(
    lines.map((line) => line.replace(/ (type|buckets).*| proto 77$/g, '')),
    [
      'ip nexthop add id 774000103 via 10.10.3.254 dev eth3',
      'ip nexthop add id 774508000 group 774000102',
      'ip -4 route add default nhid 774508000 table 100 metric 100',
      'ip nexthop replace id 774508001 group 774000103',
    ],
  );
});

test("routeKey() is the kernel's identity of a route: not gateway, device or source", () => {
  const [route] = wish(exampleState(two)).routes;
  assert.ok(route !== undefined);
  assert.equal(routeKey({ ...route, gateway: '1.2.3.4', dev: 'x', src: undefined }), routeKey(route));
  for (const change of [{ family: 6 }, { table: 1 }, { dst: 'default' }, { metric: 9 }] as const) {
    assert.notEqual(routeKey({ ...route, ...change }), routeKey(route));
  }
});
