import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene, type Scene } from './scene.ts';

const scene: Scene = await openScene();
after(() => scene.close());
beforeEach(async () => {
  for (const { name } of scene.lab.isps) await giveIpv6Again(name); // should an earlier test have failed
  await scene.calm();
});

/** A link set down loses its IPv6 addresses (`keep_addr_on_down` is 0): whoever configured them gives them again. */
async function giveIpv6Again(provider: string): Promise<void> {
  const { device, ends } = scene.lab.isp(provider);
  const { address, prefixLength } = ends[6] ?? {};
  await scene.lab.ip6(`address replace ${address}/${prefixLength} dev ${device} nodad`);
}

test('carrier loss moves both families at once, and its return brings them back', async () => {
  const { lab } = scene;
  const before = [await scene.ours(4), await scene.ours(6)];
  const watch = await lab.watchRoutes();
  const at = await lab.carrier('fibre', false);
  await scene.carries('cable');
  for (const family of families) {
    const [decision] = (await scene.decisions()).filter(
      (other) => other.kind === 'switch' && other.family === family && other.at >= at,
    );
    assert.match(decision?.reason ?? '', /no carrier/);
    // Without the news of the carrier it would be `minOutage` and two checks, which then say so as the reason.
    assert.ok((decision?.at ?? Number.POSITIVE_INFINITY) - at < 2000, 'it waited for checks to fail');
  }
  assert.equal((await scene.path('fibre')).why, 'interface eth1 has no carrier');
  await lab.carrier('fibre', true);
  await scene.carries('fibre');
  const report = await watch.stop();
  for (const family of families) assert.equal(report[family].withoutDefaultMs, 0, `IPv${family}`);
  assert.deepEqual([await scene.ours(4), await scene.ours(6)], before);
});

/** The median of three: a busy machine may stand still in one of them, and a late resync may come in time for one. */
async function medianOfThree(round: () => Promise<number>): Promise<number> {
  const took = [await round(), await round(), await round()].sort((a, b) => a - b);
  return took[1] ?? Number.NaN;
}

/** Sets eth1 up again, and says how long it took until its table was complete. */
async function backAfterMs(...words: readonly string[]): Promise<number> {
  const began = performance.now();
  await scene.lab.ip(...words, 'link set eth1 up');
  await scene.until(async () => (await scene.routes('default table 101')).length === 2, 'table 101');
  const took = performance.now() - began;
  await giveIpv6Again('fibre');
  await scene.carries('fibre');
  return took;
}

test('a link set down by someone and up again gets everything back within a second of it', async () => {
  const before = await scene.ours(4);
  const took = await medianOfThree(async () => {
    await scene.lab.ip('link set eth1 down');
    await scene.carries('cable');
    assert.equal((await scene.path('fibre')).why, 'interface eth1 is down');
    return backAfterMs();
  });
  assert.ok(took < 1000, `${took} ms`);
  assert.equal(await scene.ours(4), before);
});

test('a link set down and up again in an instant gets everything back within a second', async () => {
  const before = await scene.ours(4);
  const took = await medianOfThree(() => backAfterMs('link set eth1 down'));
  assert.ok(took < 1000, `${took} ms`);
  assert.equal(await scene.ours(4), before);
});

test('the standby, down and up again, moves nothing and comes back', async () => {
  const { lab } = scene;
  const before = await scene.ours(4);
  const at = Date.now();
  await lab.ip('link set eth2 down');
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'cable found unreliable');
  await lab.ip('link set eth2 up');
  await giveIpv6Again('cable');
  await scene.until(() => scene.isNow('cable', 'reliable'), 'cable found reliable');
  await scene.until(async () => (await scene.ours(4)) === before, 'our IPv4 routes');
  await scene.assertUnmoved(at);
});

test('everything down by its links leaves nothing to choose, and recovers', async () => {
  const { lab } = scene;
  await Promise.all([lab.carrier('fibre', false), lab.carrier('cable', false)]);
  await scene.until(
    async () => (await scene.see()).paths.every(({ health }) => health === 'unreliable'),
    'all found down',
  );
  assert.ok((await scene.routes('default')).length > 0, 'the default routes are kept');
  await lab.carrier('cable', true);
  await scene.carries('cable');
});
