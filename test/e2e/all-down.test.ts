import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene, quick, type Scene } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene?.close());

/** Changes the policy by a live reload. */
async function useAllDown(allDown: string, allFilter = '0'): Promise<void> {
  await scene.lab.run('router', ['tee', '/proc/sys/net/ipv4/conf/all/rp_filter'], allFilter);
  await scene.reload({ ...quick, ...scene.lab.config({ allDown }) });
  await scene.calm();
}

async function everythingDies(): Promise<void> {
  await scene.lab.cut('fibre');
  await scene.carries('cable');
  await scene.lab.cut('cable');
  await scene.until(
    async () => (await scene.see()).paths.every(({ liveness }) => liveness === 'down'),
    'everything found down',
  );
}

const defaults = async (family: 4 | 6): Promise<string[]> => {
  const show = ['ip', `-${family}`, '-o', 'route', 'show', 'default', 'proto', '77'];
  return (await scene.lab.run('router', show)).split('\n').filter((line) => line !== '');
};

describe('when everything is down', () => {
  test('keep: the last one keeps the traffic, without an instant without a default', async () => {
    await useAllDown('keep');
    const watch = await scene.lab.watchRoutes();
    const flow = await scene.lab.flow();
    await everythingDies();
    for (const family of families) assert.deepEqual((await scene.see()).active[family], ['cable']);
    const at = await scene.lab.heal('cable');
    await scene.until(async () => flow.report(at).lost < flow.report(at).sent, 'an answer to the flow');
    const { outages } = await flow.settled(at);
    assert.ok(
      (outages[0]?.ms ?? 0) < 500,
      `recovery took ${outages[0]?.ms} ms, though no route had to change`,
    );
    await scene.lab.heal('fibre');
    await scene.carries('fibre');
    flow.close();
    const report = await watch.stop();
    for (const family of families) assert.equal(report[family].withoutDefaultMs, 0);
  });

  test('first: the first one gets the traffic back, dead or not', async () => {
    await useAllDown('first');
    await everythingDies();
    await scene.carries('fibre');
    await scene.lab.heal('cable');
    await scene.carries('cable');
  });

  for (const filter of ['0', '2']) {
    test(`remove, with conf.all.rp_filter ${filter}: our defaults go, checks go on, and recovery is seen`, async () => {
      await useAllDown('remove', filter);
      await everythingDies();
      for (const family of families) {
        await scene.until(
          async () => (await defaults(family)).length === 0,
          `no IPv${family} default of ours`,
        );
        assert.deepEqual((await scene.see()).active[family], []);
      }
      await scene.lab.heal('cable');
      await scene.carries('cable');
      await scene.lab.heal('fibre');
      await scene.carries('fibre');
    });

    test(`unreachable, with conf.all.rp_filter ${filter}: an unreachable default, and recovery is seen`, async () => {
      await useAllDown('unreachable', filter);
      await everythingDies();
      for (const family of families)
        await scene.until(
          async () => (await defaults(family)).every((line) => line.startsWith('unreachable')),
          `an unreachable IPv${family} default`,
        );
      assert.equal((await defaults(4)).length, 1);
      await scene.lab.heal('fibre');
      await scene.carries('fibre');
    });
  }
});
