import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { checksSuspended, isPinned, newTrafficIds } from '../../../src/core/election/new-traffic.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleProvider,
  exampleState,
  failed,
  passed,
  pathOf,
  start,
  warmUp,
} from '../example.ts';

const shared = [
  exampleProvider(0, { tier: 1, weight: 3 }),
  exampleProvider(1, { tier: 1 }),
  exampleProvider(2, { tier: 2 }),
];

/** fibre and lte share the traffic, dsl stands by; all are reliable. */
function balanced(changes: Partial<Config> = {}): State {
  return warmUp(exampleState(exampleConfig({ providers: shared, ...changes })));
}

test('newTraffic() spares a provider in doubt while another is reliable, where connections are marked', () => {
  const state = balanced({ connectionMarks: true });
  step(state, check('fibre/4', 6000, failed()));
  assert.deepEqual(state.newTraffic[4], ['lte']);
  assert.deepEqual(state.active[4], ['fibre', 'lte'], 'its connections stay');
  step(state, check('lte/4', 6000, failed()));
  assert.deepEqual(state.newTraffic[4], ['dsl'], 'the next tier, when all of the best are in doubt');
  step(state, check('dsl/4', 6000, failed()));
  assert.deepEqual(state.newTraffic[4], ['fibre', 'lte'], 'nobody is better');
  step(state, check('fibre/4', 6100, passed()));
  assert.deepEqual(state.newTraffic[4], ['fibre']);
});

test('newTraffic() follows the election alone without marks, and under a pin', () => {
  const unmarked = balanced();
  step(unmarked, check('fibre/4', 6000, failed()));
  assert.deepEqual(unmarked.newTraffic[4], ['fibre', 'lte']);
  const pinned = balanced({ connectionMarks: true });
  step(pinned, { type: 'sticky', at: start + 5900, sticky: { id: 'fibre', until: undefined } });
  step(pinned, check('fibre/4', 6000, failed()));
  assert.deepEqual(pinned.newTraffic[4], ['fibre']);
});

test('newTraffic() never goes to one that was reliable before it was disabled', () => {
  const state = balanced({ connectionMarks: true });
  const providers = shared.map((provider) => ({ ...provider, enabled: provider.id !== 'lte' }));
  const config = { ...state.config, providers };
  step(state, { type: 'config', at: start + 5900, config });
  step(state, check('fibre/4', 6000, failed()));
  assert.deepEqual(state.newTraffic[4], ['dsl']);
});

test('newTraffic() spares a provider in doubt under a pin that holds no more', () => {
  const state = balanced({ connectionMarks: true });
  step(state, { type: 'sticky', at: start + 5900, sticky: { id: 'dsl', until: undefined } });
  const config = { ...state.config, providers: shared.slice(0, 2) };
  step(state, { type: 'config', at: start + 5950, config });
  step(state, check('fibre/4', 6000, failed()));
  assert.deepEqual(state.active[4], ['fibre', 'lte']);
  assert.deepEqual(state.newTraffic[4], ['lte']);
});

test("newTrafficIds() takes for a substitute what is reliable, passes its checks, and is in nothing's way", () => {
  for (const spoil of [
    { health: 'unreliable' },
    { health: 'unknown' },
    { liveness: 'doubt' },
    { obstacle: 'interface eth3 has no carrier' },
    { expected: false },
  ] as const) {
    const state = balanced({ connectionMarks: true });
    for (const id of ['fibre', 'lte']) pathOf(state, id).liveness = 'doubt';
    assert.deepEqual(newTrafficIds(state, 4), ['dsl']);
    Object.assign(pathOf(state, 'dsl'), spoil);
    assert.deepEqual(newTrafficIds(state, 4), ['fibre', 'lte'], JSON.stringify(spoil));
  }
});

test('newTrafficIds() stays with the choice while all are down', () => {
  const state = balanced({ connectionMarks: true });
  pathOf(state, 'fibre').liveness = 'down';
  assert.deepEqual(newTrafficIds(state, 4), ['lte']);
  state.allDown = { 4: true, 6: false };
  assert.deepEqual(newTrafficIds(state, 4), ['fibre', 'lte']);
});

test('checksSuspended() only by a pin that holds in the family, and only where the operator says so', () => {
  const state = balanced({ probeWhileSticky: false });
  assert.equal(checksSuspended(state, 4), false);
  step(state, { type: 'sticky', at: start + 6000, sticky: { id: 'lte', until: undefined } });
  assert.deepEqual([isPinned(state, 4), isPinned(state, 6)], [true, false]);
  assert.deepEqual([checksSuspended(state, 4), checksSuspended(state, 6)], [true, false]);
  state.config = { ...state.config, probeWhileSticky: true };
  assert.equal(checksSuspended(state, 4), false);
});
