import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../../../models/route.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { GroupedRoutes } from '../../../src/core/state/grouped-routes.ts';
import { step } from '../../../src/core/step.ts';
import { exampleConfig, exampleProvider, exampleState, start, warmUp } from '../example.ts';

const place: Route = {
  ...{ family: 4, table: 254, dst: 'default', metric: 100, type: 'unicast', nhid: 774_000_000 },
  ...{ gateway: undefined, dev: undefined, src: undefined, onlink: false },
};

test('of() gives the same objects again, until the configuration is another', () => {
  const routes = new GroupedRoutes();
  const config = exampleConfig();
  const first = routes.of(config, place, ['10.0.0.0/8', '172.16.0.0/12']);
  assert.deepEqual(first, [
    { ...place, dst: '10.0.0.0/8' },
    { ...place, dst: '172.16.0.0/12' },
  ]);
  assert.equal(routes.of(config, { ...place }, ['10.0.0.0/8', '172.16.0.0/12']), first);
  assert.notEqual(routes.of(config, { ...place, metric: 101 }, ['10.0.0.0/8']), first);
  const next = routes.of(exampleConfig(), place, ['192.168.0.0/16']);
  assert.deepEqual(next, [{ ...place, dst: '192.168.0.0/16' }]);
});

test('desired() keeps the routes of many prefixes the same objects over a switch, and those of another state apart', () => {
  const config = exampleConfig({
    providers: [exampleProvider(0), exampleProvider(1)],
    layout: 'table',
    routes: ['default', '10.0.0.0/8', '172.16.0.0/12'],
  });
  const active = (state = warmUp(exampleState(config))) => {
    const grouped = () => desired(state)?.routes.filter(({ nhid }) => nhid !== undefined) ?? [];
    const before = grouped();
    step(state, { type: 'sticky', at: start + 7000, sticky: { id: 'lte', until: undefined } });
    assert.deepEqual(state.active[4], ['lte']);
    return { before, after: grouped() };
  };
  const { before, after } = active();
  assert.ok(before.length >= 3);
  assert.ok(before.every((route, i) => route === after[i]));
  assert.ok(!active().before.some((route) => before.includes(route)));
});
