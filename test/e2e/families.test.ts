import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openScene, type Scene } from './scene.ts';

const scene: Scene = await openScene();
after(() => scene.close());

/** The ISP forwards nothing of one family any more, or again. */
async function block(family: 4 | 6, verb: 'add' | 'del'): Promise<number> {
  const rule = ['rule', verb, 'pref', '11', 'iif', 'customer', 'blackhole'];
  await scene.lab.run('fibre', ['ip', `-${family}`, ...rule]);
  return Date.now();
}

for (const [dead, alive] of [
  [6, 4],
  [4, 6],
] as const) {
  test(`IPv${dead} dead upstream moves it alone; IPv${alive} stays`, async () => {
    await scene.calm();
    const [lost, kept] = [await scene.lab.flow({ family: dead }), await scene.lab.flow({ family: alive })];
    const at = await block(dead, 'add');
    await scene.carries('cable', dead);
    await scene.carries('fibre', alive);
    await block(dead, 'del');
    await scene.carries('fibre', dead);
    await scene.assertUnmoved(at, alive);
    const { longestMs } = await lost.settled(at - 500);
    assert.ok(longestMs > 50 && longestMs < 3000, `IPv${dead} was out for ${longestMs} ms`);
    const other = await kept.settled(at - 500);
    assert.ok(other.longestMs < 200, `IPv${alive} was out for ${other.longestMs} ms`);
    for (const flow of [lost, kept]) flow.close();
  });
}
