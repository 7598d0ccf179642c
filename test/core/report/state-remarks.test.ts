import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateRemarks } from '../../../src/core/report/state-remarks.ts';
import { step } from '../../../src/core/step.ts';
import { exampleState, pathOf, start, warmUp } from '../example.ts';

test('stateRemarks() says that the sticky file is ignored, until it is corrected, and step() says it once', () => {
  const state = warmUp(exampleState());
  const sticky = (id: string, at: number) =>
    step(state, { type: 'sticky', at: start + at, sticky: { id, until: undefined } }).decisions;
  assert.deepEqual(stateRemarks(state), []);
  assert.equal(sticky('junk', 7000).length, 1);
  assert.deepEqual(sticky('junk', 8000), [], 'read again, with a reload');
  const remark = 'The sticky file is ignored: no provider has the id "junk".';
  assert.deepEqual(stateRemarks(state), [remark]);
  const problem = '/etc/failover/sticky.provider is not a regular file';
  assert.equal(step(state, { type: 'sticky', at: start + 9000, problem }).decisions.length, 1);
  assert.deepEqual(stateRemarks(state), [`The sticky file is ignored: ${problem}.`]);
  sticky('fibre', 10_000);
  assert.deepEqual(stateRemarks(state), []);
  assert.equal(sticky('junk', 11_000).length, 1);
  step(state, { type: 'sticky', at: start + 12_000, sticky: undefined });
  assert.deepEqual(stateRemarks(state), []);
});

test('stateRemarks() says that no provider is reliable, but not that all are down', () => {
  const state = warmUp(exampleState());
  const ids = state.config.providers.map(({ id }) => id);
  for (const id of ids) pathOf(state, id).health = 'unreliable';
  assert.deepEqual(stateRemarks(state), [
    'No provider is reliable in IPv4: traffic goes through the best of them.',
  ]);
  state.allDown = { 4: true, 6: true };
  assert.deepEqual(stateRemarks(state), []);
});
