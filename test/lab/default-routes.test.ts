import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DefaultRoutes } from '../../src/lab/default-routes.ts';

const fibre = 'default via 10.10.1.254 dev eth1 proto 77 metric 100';
const cable = 'default via 10.10.2.254 dev eth2 proto 77 metric 100';
const spare = 'default via 10.10.2.254 dev eth2 proto 77 metric 101';

test('DefaultRoutes counts a replace at the same metric as a switch without a gap', () => {
  const routes = new DefaultRoutes(0, [fibre, spare]);
  routes.event(10, cable);
  const { gaps, switches, device } = routes.report(20);
  assert.deepEqual({ gaps, switches, device }, { gaps: [], switches: 1, device: 'eth2' });
});

test('DefaultRoutes counts delete and add as a gap', () => {
  const routes = new DefaultRoutes(0, [fibre]);
  routes.event(10, `Deleted ${fibre}`);
  routes.event(13, cable);
  assert.deepEqual(routes.report(20).gaps, [{ from: 10, ms: 3 }]);
  assert.equal(routes.report(20).switches, 1);
  const changes = [
    { at: 0, device: 'eth1' },
    { at: 10, device: undefined },
    { at: 13, device: 'eth2' },
  ];
  assert.deepEqual(routes.report(20).changes, changes);
});

test('DefaultRoutes ignores the late deletion of a route that was replaced', () => {
  const routes = new DefaultRoutes(0, [fibre]);
  routes.event(10, cable);
  routes.event(11, `Deleted ${fibre}`);
  assert.equal(routes.report(20).withoutDefaultMs, 0);
});

test('DefaultRoutes counts no switch when a route at a higher metric comes or goes', () => {
  const routes = new DefaultRoutes(0, [fibre]);
  routes.event(10, spare);
  routes.event(11, `Deleted ${spare}`);
  assert.equal(routes.report(20).switches, 0);
});

test('DefaultRoutes sees what vanished in silence from the moment that made us look', () => {
  const routes = new DefaultRoutes(0, [fibre]);
  routes.found(30, []);
  assert.deepEqual(routes.report(50), {
    withoutDefaultMs: 20,
    gaps: [{ from: 30, ms: 20 }],
    switches: 0,
    changes: [
      { at: 0, device: 'eth1' },
      { at: 30, device: undefined },
    ],
    device: undefined,
  });
});

test('DefaultRoutes ignores other tables, other destinations and unreachable defaults', () => {
  const routes = new DefaultRoutes(0, []);
  assert.equal(routes.event(1, `${fibre} table 101`), false);
  assert.equal(routes.event(2, '10.10.1.0/24 dev eth1 proto 2 scope 253 src 10.10.1.1'), false);
  assert.equal(routes.event(3, 'unreachable default dev lo metric 4294967295'), false);
  assert.equal(routes.report(5).withoutDefaultMs, 5);
});

test('DefaultRoutes names every device of a multipath route', () => {
  const multipath =
    'default proto 77 metric 100 \\\tnexthop via 10.10.1.254 dev eth1 weight 1 \\\tnexthop via 10.10.2.254 dev eth2 weight 1';
  assert.equal(new DefaultRoutes(0, [multipath]).report(1).device, 'eth1+eth2');
});
