import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Decision } from '../../models/decision.ts';
import { families } from '../../models/path.ts';
import { openScene, type Scene } from './scene.ts';
import { marked } from './streams.ts';

// So rarely checked that only traffic can show in time that a line died.
const scene: Scene = await openScene({
  settings: {
    checkInterval: '20s',
    minOutage: '3s',
    minConsecutiveSucceededChecks: 0,
  },
  config: marked,
});
after(() => scene.close());
const { lab } = scene;

test('traffic shows that a line died: new connections leave it at once, all others after minOutage', async () => {
  const flow = await lab.flow();
  after(() => flow.close());
  await scene.until(() => flow.report().sent > 500, 'a flow that is usual');
  const at = await lab.cut('fibre');
  const { device } = lab.isp('cable');
  const newOnes = async (): Promise<boolean> => {
    const best = await Promise.all(families.map((family) => scene.best(family)));
    return best.every((each) => each === device);
  };
  await scene.until(newOnes, 'new connections go through cable', 5000);
  assert.ok(Date.now() - at < 2500, `new connections left after ${Date.now() - at} ms`);
  assert.deepEqual((await scene.see()).active, { 4: ['fibre'], 6: ['fibre'] }, 'no verdict yet');
  await scene.carries('cable');
  const isSwitch = ({ kind, at: decidedAt }: Decision): boolean => kind === 'switch' && decidedAt > at;
  const {
    at: movedAt,
    reason,
    evidence,
  } = (await scene.decisions()).find(isSwitch) ?? assert.fail('no switch');
  const ms = movedAt - at;
  assert.ok(ms > 2900 && ms < 5000, `a verdict after ${ms} ms, with a minOutage of 3 s`);
  assert.match(reason, /nothing got through for 3\.\d s/);
  assert.ok(evidence?.some(({ name, crossed }) => name === 'outage' && crossed));
});
