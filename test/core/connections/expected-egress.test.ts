import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { expectedEgress } from '../../../src/core/connections/expected-egress.ts';
import type { State } from '../../../src/core/state/state.ts';
import { auto, exampleConfig, exampleProvider, exampleState, pathOf } from '../example.ts';

/** New traffic of IPv4 through these of fibre, lte and dsl. */
function through(ids: readonly string[], config: Partial<Config> = {}): State {
  const state = exampleState(exampleConfig({ connectionMarks: true, ...config }));
  state.newTraffic = { 4: ids, 6: [] };
  return state;
}

const to = '203.0.114.1';
const fibre = { to, mark: 0x01000000, devices: ['eth1'] };
const lte = { to, mark: 0x02000000, devices: ['eth2'] };

test('expectedEgress() of several that share: any of them without a mark, each with its own', () => {
  assert.deepEqual(expectedEgress(through(['fibre', 'lte']), 4), [
    { to, mark: 0, devices: ['eth1', 'eth2'] },
    fibre,
    lte,
  ]);
});

test('expectedEgress() is nothing where no provider has new traffic, or none that has is bound', () => {
  assert.deepEqual(expectedEgress(through([]), 4), []);
  assert.deepEqual(expectedEgress(through(['fibre']), 6), []);
  const state = through(['fibre', 'lte']);
  pathOf(state, 'fibre').binding = undefined;
  assert.deepEqual(expectedEgress(state, 4), [{ to, mark: 0, devices: ['eth2'] }, lte]);
});

test('expectedEgress() expects nothing of unmarked packets that are not ours to route', () => {
  assert.deepEqual(expectedEgress(through(['fibre'], { routes: ['10.0.0.0/8'] }), 4), [fibre]);
  assert.deepEqual(expectedEgress(through(['fibre'], { excludes: ['203.0.112.0/20'] }), 4), [fibre]);
  assert.equal(expectedEgress(through(['fibre'], { excludes: ['203.0.113.0/24'] }), 4).length, 2);
});

test('expectedEgress() asks for few marks of many, and takes any device for what has none', () => {
  const providers = Array.from({ length: 20 }, (_, index) =>
    exampleProvider(index, { tier: 0, addressing: { 4: auto, 6: auto } }),
  );
  const ids = providers.map(({ id }) => id);
  const state = through(ids, { providers });
  state.newTraffic = { 4: [], 6: ids };
  const [unmarked, ...marked] = expectedEgress(state, 6);
  assert.equal(unmarked?.to, '2600:1::1');
  assert.equal(unmarked?.devices.length, 20);
  assert.equal(marked.length, 8);
});
