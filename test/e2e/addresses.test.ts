import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openScene, type Scene } from './scene.ts';

const scene: Scene = await openScene();
after(() => scene.close());
beforeEach(() => scene.calm());

for (const family of [4, 6] as const) {
  test(`IPv${family} address removed moves that family only, and everything is back when it is`, async () => {
    const { lab } = scene;
    const other = family === 4 ? 6 : 4;
    const before = await scene.ours(family);
    const watch = await lab.watchRoutes();
    const at = await lab.removeAddress('fibre', family);
    await scene.carries('cable', family);
    const { address } = lab.isp('fibre').ends[family] ?? {};
    assert.equal((await scene.path('fibre', family)).why, `address ${address} is gone from eth1`);
    await lab.addAddress('fibre', family);
    await scene.until(
      async () => (await scene.path('fibre', family)).binding !== undefined,
      'a binding',
      1000,
    );
    await scene.carries('fibre', family);
    assert.equal(await scene.ours(family), before);
    await scene.assertUnmoved(at, other);
    const report = await watch.stop();
    assert.equal(report[other].withoutDefaultMs, 0);
    assert.ok(
      report[family].withoutDefaultMs < 300,
      `${report[family].withoutDefaultMs} ms without a default`,
    );
  });
}

test('another address beside the configured one changes nothing', async () => {
  const { lab } = scene;
  const before = await scene.ours(4);
  const at = await lab.addAddress('fibre', 4, '10.10.1.99/24');
  await lab.removeAddress('fibre', 4, '10.10.1.99/24');
  await lab.cut('cable'); // something that is noticed later than the address
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'cable found unreliable');
  await scene.assertUnmoved(at);
  assert.equal(await scene.ours(4), before);
});
