import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import { openScene } from './scene.ts';

// Long enough apart for the flap damping, which would rightly take three stalls in a row for a flapping line.
const settings = { checkInterval: '200ms', minOutage: '600ms' };

test('stalls shorter than minOutage move nothing; a longer one does', async () => {
  const scene = await openScene({ settings });
  after(() => scene.close());
  const { lab } = scene;
  const began = Date.now();
  for (let i = 0; i < 12; i++) {
    const cutAt = await lab.cut('fibre');
    await sleep(40 + ((i * 97) % 360)); // at most 400 ms, at any phase of the checks
    const healedAt = await lab.heal('fibre');
    assert.ok(healedAt - cutAt < 550, 'this machine is too busy to make a short stall');
    await sleep(1500 + ((i * 61) % 200));
  }
  await scene.assertUnmoved(began);
  for (const family of families) assert.deepEqual((await scene.see()).active[family], ['fibre']);
  await lab.cut('fibre');
  await scene.carries('cable');
});
