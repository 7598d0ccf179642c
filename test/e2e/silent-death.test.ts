import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene, type Scene } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene?.close());

for (const fault of ['cut', 'gatewayDeath'] as const) {
  test(`${fault} moves both families to the standby and back, with a default route at every instant`, async () => {
    await scene.calm();
    const { lab } = scene;
    const flows = await Promise.all(families.map((family) => lab.flow({ family })));
    const watch = await lab.watchRoutes();
    const at = await lab[fault]('fibre');
    await scene.carries('cable');
    for (const flow of flows) {
      const { longestMs } = await flow.settled(at);
      assert.ok(longestMs > 50, 'the flow did not notice the fault');
      assert.ok(longestMs < 3000, `IPv${flow.family} was out for ${longestMs} ms`);
    }
    const healedAt = await lab.heal('fibre');
    await scene.carries('fibre');
    const report = await watch.stop();
    for (const flow of flows) {
      const { longestMs } = await flow.settled(healedAt + 200);
      assert.ok(longestMs < 300, `the failback cost IPv${flow.family} ${longestMs} ms`);
      flow.close();
    }
    for (const family of families) {
      const { withoutDefaultMs, switches } = report[family];
      assert.equal(withoutDefaultMs, 0, `IPv${family}`);
      assert.equal(switches, 2, `IPv${family}`);
      assert.deepEqual(await scene.switches(at, family), ['fibre → cable', 'cable → fibre']);
    }
  });
}

test('cut of the standby moves nothing', async () => {
  await scene.calm();
  const watch = await scene.lab.watchRoutes();
  const at = await scene.lab.cut('cable');
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'cable found unreliable');
  await scene.until(() => scene.isNow('cable', 'unreliable', 6), 'cable found unreliable in IPv6');
  const report = await watch.stop();
  for (const family of families) {
    assert.equal(report[family].switches, 0);
  }
  await scene.assertUnmoved(at);
});

test('cut of both at different times moves to the one that came back', async () => {
  await scene.calm();
  const { lab } = scene;
  await lab.cut('fibre');
  await scene.carries('cable');
  await lab.cut('cable');
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'cable found unreliable');
  await lab.heal('fibre');
  await scene.carries('fibre');
  assert.equal((await scene.path('cable')).health, 'unreliable');
});
