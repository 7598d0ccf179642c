import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene, type Scene } from './scene.ts';

const scene: Scene = await openScene();
after(() => scene.close());
beforeEach(() => scene.calm());

const setting = async (name: string): Promise<string> =>
  (await scene.lab.run('router', ['cat', `/proc/sys/net/${name}`])).trim();

test('a device removed and made again gets routes, rules, sockets and settings back', async () => {
  const { lab } = scene;
  const before = [await scene.ours(4), await scene.ours(6)];
  const { binding } = await scene.path('fibre');
  const watch = await lab.watchRoutes();
  await lab.removeDevice('fibre');
  await scene.carries('cable');
  for (const family of families) {
    // A check that could not be made may be the first to say so.
    const isMissing = async () => (await scene.path('fibre', family)).why === 'interface eth1 is missing';
    await scene.until(isMissing, `the reason of fibre in IPv${family}`);
    // Without its device every packet that was bound to the provider must end, not leave through another.
    assert.equal((await scene.routes('default table 101', family)).length, 1);
  }
  await lab.recreateDevice('fibre');
  await scene.until(async () => (await scene.routes('default table 101')).length === 2, 'table 101', 10_000);
  await scene.carries('fibre');
  assert.notEqual((await scene.path('fibre')).binding?.interfaceIndex, binding?.interfaceIndex);
  assert.deepEqual([await scene.ours(4), await scene.ours(6)], before);
  for (const name of [
    'ipv4/conf/eth1/ignore_routes_with_linkdown',
    'ipv6/conf/eth1/ignore_routes_with_linkdown',
  ])
    assert.equal(await setting(name), '1', name);
  assert.equal(await setting('ipv4/conf/eth1/rp_filter'), '2');
  const report = await watch.stop();
  // The kernel took the routes with the device: what counts is how soon the other's stood in their place.
  for (const family of families) assert.ok(report[family].withoutDefaultMs < 500);
});

test('the sockets of a device made again are bound to the new one: its faults are seen', async () => {
  const { lab } = scene;
  await lab.recreateDevice('fibre');
  await scene.calm();
  await lab.cut('fibre');
  await scene.carries('cable');
});

test("the standby's device may come and go", async () => {
  const { lab } = scene;
  const before = [await scene.ours(4), await scene.ours(6)];
  const at = await lab.removeDevice('cable');
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'cable found missing');
  await lab.recreateDevice('cable');
  await scene.until(() => scene.isNow('cable', 'reliable'), 'cable found reliable');
  await scene.until(() => scene.isNow('cable', 'reliable', 6), 'cable found reliable in IPv6');
  await scene.assertUnmoved(at);
  assert.deepEqual([await scene.ours(4), await scene.ours(6)], before);
});
