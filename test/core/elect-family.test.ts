import assert from 'node:assert/strict';
import { test } from 'node:test';
import { step } from '../../src/core/step.ts';
import { check, exampleConfig, exampleState, failed, pathOf, start, warmUp } from './example.ts';

/** fibre failed and has been reliable again for longer than `failbackDelay`; the process then stands still. */
function beforeFailback() {
  const state = warmUp(exampleState(exampleConfig({ failbackDelayMs: 3000 })));
  for (let after = 6000; after < 8000; after += 100) step(state, check('fibre/4', after, failed()));
  assert.deepEqual(state.active[4], ['lte']);
  let after = 8000;
  for (; pathOf(state, 'fibre').health !== 'reliable'; after += 1000) step(state, check('fibre/4', after));
  assert.deepEqual(state.active[4], ['lte']);
  return { state, after };
}

test('a check that began before the process stood still leads to no failback, however late its end', () => {
  const { state, after } = beforeFailback();
  step(state, check('fibre/4', after, { ok: true, rttMs: 10 }, 5000));
  step(state, { type: 'tick', at: start + after + 5000 });
  assert.deepEqual(state.active[4], ['lte']);
  step(state, check('fibre/4', after + 5000));
  step(state, { type: 'tick', at: start + after + 5100 });
  assert.deepEqual(state.active[4], ['fibre'], 'the next one does');
});
