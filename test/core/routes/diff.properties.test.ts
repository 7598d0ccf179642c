import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../../models/event.ts';
import type { DefaultRoute } from '../../../models/link.ts';
import { type KernelRoutes, mainTable, type Route } from '../../../models/route.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { diff, routeKey } from '../../../src/core/routes/diff.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { config, defaults, event, links } from '../arbitrary.ts';
import { start } from '../example.ts';
import { FakeKernel, sortedLines } from '../fake-kernel.ts';

/** What other people have in the kernel beside their defaults. */
const others: readonly Route[] = [
  foreignRoute({ family: 4, table: mainTable, dst: '10.10.1.0/24', metric: 0 }),
  foreignRoute({ family: 4, table: mainTable, dst: '172.16.0.0/12', metric: 100 }),
  foreignRoute({ family: 6, table: mainTable, dst: '2001:db8:1::/64', metric: 256 }),
  foreignRoute({ family: 4, table: 9, dst: 'default', metric: 0 }),
];

function foreignRoute(identity: Pick<Route, 'family' | 'table' | 'dst' | 'metric'>): Route {
  return { ...identity, type: 'unicast', gateway: undefined, dev: 'eth9', src: undefined, onlink: false };
}

function asRoute({ family, table, metric, gateway, interfaceName }: DefaultRoute): Route {
  return { ...foreignRoute({ family, table, metric, dst: 'default' }), gateway, dev: interfaceName };
}

/** Two moments of one run under the same foreign defaults, and what somebody did to our routes in between. */
const scene = fc.record({
  config,
  first: links,
  foreign: defaults,
  before: fc.array(event, { maxLength: 30 }),
  after: fc.array(event, { maxLength: 30 }),
  lost: fc.array(fc.nat(40), { maxLength: 4 }),
  altered: fc.array(fc.nat(40), { maxLength: 4 }),
});

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function advance(state: State, events: readonly Event[], foreign: readonly DefaultRoute[]): KernelRoutes {
  for (const event of events) {
    if (event.type !== 'links') step(state, event);
    else step(state, { ...event, links: { ...event.links, defaults: foreign } });
  }
  const wanted = desired(state);
  assert.ok(wanted !== undefined);
  return wanted;
}

/** The kernel as it was brought to the first moment and then meddled with, and the wish of the second. */
function play({ config, first, foreign, before, after, lost, altered }: Scene): {
  kernel: () => FakeKernel;
  wanted: KernelRoutes;
} {
  const state = initial(config, start);
  const began = advance(state, [{ type: 'links', at: start, links: first }, ...before], foreign);
  const routes = began.routes
    .filter((_, i) => !lost.includes(i))
    .map((route, i) => (altered.includes(i) && route.type === 'unicast' ? alter(route) : route));
  const rules = began.rules.filter((_, i) => !lost.includes(i + 7));
  const foreignRoutes = [
    ...new Map([...others, ...foreign.map(asRoute)].map((r) => [routeKey(r), r])).values(),
  ];
  const wanted = advance(state, after, foreign);
  const kernel = (): FakeKernel => {
    const { nexthops = [] } = began;
    const fake = new FakeKernel({ routes, rules, nexthops }, foreignRoutes);
    // As when a carrier goes: the object, and with it its place in groups, and routes without a way left.
    for (const [i, nexthop] of nexthops.entries())
      if (lost.includes(i + 20) && !('members' in nexthop)) fake.apply({ action: 'delete', nexthop });
    return fake;
  };
  return { wanted, kernel };
}

/** Somebody made it lead elsewhere. */
function alter({ nhid: _, hops: __, ...route }: Route): Route {
  return { ...route, gateway: '192.0.2.9' };
}

test('diff() applied to the kernel gives what desired() wants, and a second diff is empty', () => {
  fc.assert(
    fc.property(scene, (scene) => {
      const { wanted, kernel } = play(scene);
      const fake = kernel();
      for (const operation of diff(wanted, fake.own())) fake.apply(operation);
      assert.deepEqual(fake.toLines(), sortedLines(wanted));
      assert.deepEqual(diff(wanted, fake.own()), []);
    }),
    { numRuns: 2000 },
  );
});

test('diff() cuts nothing in between: a default that is there before and after is there at every instant', () => {
  fc.assert(
    fc.property(scene, (scene) => {
      const { wanted, kernel } = play(scene);
      const [fake, end] = [kernel(), kernel()];
      const operations = diff(wanted, fake.own());
      for (const operation of operations) end.apply(operation);
      const kept = [...fake.tablesWithDefault()].filter((table) => end.tablesWithDefault().has(table));
      for (const operation of operations) {
        fake.apply(operation);
        const present = fake.tablesWithDefault();
        for (const table of kept)
          assert.ok(present.has(table), `no default in ${table} after ${operation.action}`);
      }
    }),
    { numRuns: 2000 },
  );
});

test("diff() never touches, nor tries to add at the place of, anybody else's route", () => {
  fc.assert(
    fc.property(scene, (scene) => {
      const { wanted, kernel } = play(scene);
      const fake = kernel();
      const before = fake.foreign();
      const places = new Set(before.map(routeKey));
      for (const operation of diff(wanted, fake.own())) {
        if ('route' in operation)
          assert.ok(!places.has(routeKey(operation.route)), routeKey(operation.route));
        fake.apply(operation);
      }
      assert.deepEqual(fake.foreign(), before);
    }),
    { numRuns: 2000 },
  );
});

test('diff() moves the traffic with its first change to main, when the metric is already ours', () => {
  fc.assert(
    fc.property(scene, (scene) => {
      const { wanted, kernel } = play({ ...scene, lost: [], altered: [] });
      const inMain = diff(wanted, kernel().own()).flatMap((operation) =>
        'route' in operation && operation.route.table === mainTable && operation.action !== 'delete'
          ? [operation.route]
          : [],
      );
      for (const family of [4, 6] as const) {
        const metrics = inMain.filter((route) => route.family === family).map(({ metric }) => metric);
        assert.deepEqual(
          metrics,
          metrics.toSorted((a, b) => a - b),
        );
      }
    }),
    { numRuns: 500 },
  );
});
