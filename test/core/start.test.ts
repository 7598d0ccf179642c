import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desired } from '../../src/core/routes/desired.ts';
import { recoverMemory } from '../../src/core/start.ts';
import { memoryOf } from '../../src/core/state/memory-of.ts';
import { step } from '../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  warmUp,
} from './example.ts';

test('recollect() goes by the kernel when the one that carried the traffic has another id now', () => {
  const state = warmUp(exampleState());
  for (let at = 6000; at <= 7000; at += 50) step(state, check('fibre/4', at, failed(), 10));
  assert.deepEqual(state.active[4], ['lte']);
  const own = desired(state) ?? { routes: [], rules: [] };
  const known = recoverMemory(state.config, own, exampleLinks(), memoryOf(state));
  assert.deepEqual(known.active[4], ['lte']);
  const providers = [exampleProvider(0), exampleProvider(1, { id: 'mobile' }), exampleProvider(2)];
  const renamed = recoverMemory(exampleConfig({ providers }), own, exampleLinks(), memoryOf(state));
  assert.deepEqual(renamed.active[4], ['mobile']);
});
