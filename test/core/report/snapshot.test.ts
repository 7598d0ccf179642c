import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PathSnapshot } from '../../../models/snapshot.ts';
import { snapshot } from '../../../src/core/report/snapshot.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { check, exampleState, failed, warmUp } from '../example.ts';

function fibre(state: State): PathSnapshot | undefined {
  return snapshot(state).paths.find(({ path }) => path === 'fibre/4');
}

test('snapshot() shows the flap penalty of short outages as it decays, and says so while it counts', () => {
  const state = warmUp(exampleState());
  assert.equal(fibre(state)?.penalty, undefined);
  assert.deepEqual(fibre(state)?.remarks, []);
  let after = 6000;
  const outage = (): void => {
    for (let i = 0; i < 12; i += 1) step(state, check('fibre/4', after + i * 50, failed(), 40));
    for (let i = 0; i < 4; i += 1) step(state, check('fibre/4', after + 650 + i * 50));
    after += 900;
  };
  for (let i = 0; i < 3; i += 1) outage();
  const high = fibre(state)?.penalty ?? 0;
  assert.ok(high >= 1, `${high} after three outages of more than half of minOutage`);
  assert.match(
    fibre(state)?.remarks.join() ?? '',
    /recent short outages: flap penalty \d\.\d \(over 1\.8 it is unreliable/,
  );
  for (let later = after; later < after + 30_000; later += 1000) step(state, check('fibre/4', later));
  assert.ok((fibre(state)?.penalty ?? 0) < high / 4);
  assert.deepEqual(fibre(state)?.remarks, []);
});
