import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provider } from '../../../models/provider.ts';
import { inRouteOrder, rankPaths } from '../../../src/core/routes/route-order.ts';
import type { PathState, State } from '../../../src/core/state/state.ts';
import {
  auto,
  exampleConfig,
  exampleLink,
  exampleLinks,
  exampleProvider,
  exampleState,
  none,
  pathOf,
} from '../example.ts';

/** fibre, lte, dsl and p3, of tiers 0 to 3. */
function four(changes: readonly Partial<Provider>[] = []): State {
  const providers = [0, 1, 2, 3].map((index) => exampleProvider(index, changes[index]));
  return exampleState(exampleConfig({ providers }));
}

const ids = (paths: readonly PathState[]): string[] => paths.map(({ provider }) => provider.id);

test('inRouteOrder() has what gets new traffic first, then what is active, then tiers, the dead ones last', () => {
  const state = four();
  state.active = { 4: ['lte'], 6: [] };
  state.newTraffic = { 4: ['dsl'], 6: [] };
  assert.deepEqual(ids(inRouteOrder(state, 4)), ['dsl', 'lte', 'fibre', 'p3']);
  pathOf(state, 'fibre').liveness = 'down';
  assert.deepEqual(ids(inRouteOrder(state, 4)), ['dsl', 'lte', 'p3', 'fibre']);
  pathOf(state, 'p3').obstacle = 'interface eth4 has no carrier';
  assert.deepEqual(ids(inRouteOrder(state, 4)), ['dsl', 'lte', 'fibre', 'p3'], 'both are dead: by tier');
  pathOf(state, 'lte').liveness = 'down';
  assert.deepEqual(ids(inRouteOrder(state, 4)), ['dsl', 'lte', 'fibre', 'p3'], 'active comes before dead');
});

test('inRouteOrder() leaves out what has no binding, and what has no tier unless it is active', () => {
  const state = four([{}, { tier: null }]);
  assert.deepEqual(ids(inRouteOrder(state, 4)), ['fibre', 'dsl', 'p3']);
  state.active = { 4: ['lte'], 6: [] };
  state.newTraffic = state.active;
  assert.deepEqual(ids(inRouteOrder(state, 4)), ['lte', 'fibre', 'dsl', 'p3']);
  pathOf(state, 'dsl').binding = undefined;
  assert.deepEqual(ids(inRouteOrder(state, 4)), ['lte', 'fibre', 'p3']);
  assert.deepEqual(ids(inRouteOrder(state, 6)), []);
});

test('rankPaths() has those with new traffic share the first rank, in the order of the choice', () => {
  const state = four();
  state.newTraffic = { 4: ['dsl', 'fibre'], 6: [] };
  const { first, next } = rankPaths(state, 4);
  assert.deepEqual(
    [ids(first), ids(next)],
    [
      ['dsl', 'fibre'],
      ['lte', 'p3'],
    ],
  );
  state.newTraffic = { 4: ['nobody'], 6: [] };
  assert.deepEqual(ids(rankPaths(state, 4).first), [], 'pinned to one that has no device');
});

test('rankPaths() has one path of each device and address stand in reserve, none beside one in use', () => {
  const through = (gateway: string): Partial<Provider> => ({
    interfaceName: 'eth1',
    addressing: { 4: { ...auto, gateway }, 6: none },
  });
  const state = four([through('10.10.1.251'), through('10.10.1.252'), through('10.10.1.253')]);
  state.newTraffic = { 4: ['p3'], 6: [] };
  assert.deepEqual(ids(rankPaths(state, 4).next), ['fibre']);
  state.newTraffic = { 4: ['lte'], 6: [] };
  assert.deepEqual(ids(rankPaths(state, 4).next), ['p3']);
});

test('inRouteOrder() binds a path whose gateway is sought to the one that has proven itself, or leaves it out', () => {
  const providers = [exampleProvider(0, { addressing: { 4: { ...auto, gateway: 'discover' }, 6: none } })];
  const neighbours = [{ family: 4, interfaceName: 'eth1', address: '10.10.1.9', router: false }] as const;
  const links = { ...exampleLinks(1), links: [exampleLink(0)], defaults: [], neighbours };
  const state = exampleState(exampleConfig({ providers }), links);
  assert.equal(pathOf(state, 'fibre').binding?.gateway, '10.10.1.9');
  assert.deepEqual(inRouteOrder(state, 4), []);
  pathOf(state, 'fibre').search = { proven: '10.10.1.7', trial: '10.10.1.9', tries: 1 };
  assert.deepEqual(
    inRouteOrder(state, 4).map(({ binding }) => binding.gateway),
    ['10.10.1.7'],
  );
});
