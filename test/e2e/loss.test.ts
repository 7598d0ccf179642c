import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { openScene, Scene, twoIsps } from './scene.ts';

/** A daemon with default settings among lines without delay or loss. */
async function defaultScene(): Promise<Scene> {
  const isps = [...twoIsps, { name: 'lte', device: 'wwan0' }].map((isp) => ({ ...isp, lossRatio: 0 }));
  const lab = await createLab({ isps });
  try {
    const scene = new Scene(lab, await lab.daemon({ config: lab.config() }));
    await scene.calm(60_000);
    return scene;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** Losing lines are shown with what they lose, by the words of `failover status`. */
async function showsLoss(scene: Scene, provider: string, percent: number, within: number): Promise<void> {
  let last = '';
  const isShown = async (): Promise<boolean> => {
    const { packets, lossRatio = Number.NaN } = await scene.path(provider);
    last = `${packets?.lost} of ${packets?.asked} packets`;
    return (packets?.asked ?? 0) >= 40 && Math.abs(100 * lossRatio - percent) <= within;
  };
  await scene.until(isShown, () => `${provider} with ${percent} % loss (${last})`, 60_000);
  const { stdout } = await scene.lab.cli(['status', provider]);
  const [, shown] =
    new RegExp(`${provider} .*\\n(?:.*\\n)*? +(?:score \\d+, )?loss ([\\d.]+) %`).exec(stdout) ?? [];
  assert.ok(Math.abs(Number(shown) - percent) <= within + 4, `${shown} % of ${percent} %:\n${stdout}`);
}

test('at default settings a line with 30 % or 53 % loss is left within a minute, and shown with what it loses', async (t) => {
  const scene = await defaultScene();
  try {
    await scene.until(
      async () => ((await scene.path('lte')).packets?.asked ?? 0) >= 20,
      '20 packets',
      60_000,
    );
    // At 53 % checks fail in a row now and then: such an outage is judged by itself, and its packets are left out.
    for (const [from, percent, to, within] of [
      ['fibre', 30, 'cable', 12],
      ['cable', 53, 'lte', 28],
    ] as const) {
      const at = await scene.lab.loss(from, percent / 100);
      await scene.carries(to, 4, 200_000); // a minute; by chance, and on a busy machine, some more
      t.diagnostic(`${percent} %: left after ${((Date.now() - at) / 1000).toFixed(0)} s`);
      await showsLoss(scene, from, percent, within);
    }
    const [left] = (await scene.decisions())
      .filter(({ kind, family }) => kind === 'switch' && family === 4)
      .slice(-2);
    assert.match(left?.reason ?? '', /loss is [\d.]+ % \(limit 20 %\): \d+ of \d+ packets lost/);
    await showsLoss(scene, 'lte', 0, 0);
  } finally {
    await scene.close();
  }
});

/** Has an ISP drop two of three echoes to one of the targets. */
async function limitTarget(lab: Lab, isp: string): Promise<void> {
  const rule = 'ip daddr 8.8.8.8 icmp type echo-request numgen random mod 3 > 0 drop';
  const chain = `chain forward { type filter hook forward priority 0; ${rule}; }`;
  await lab.run(isp, ['nft', `table inet limited { ${chain}; }`]);
}

describe('a target that answers one echo of three', () => {
  test('through one line is its own trouble: no loss of the line, and no switch', async () => {
    const scene = await openScene();
    try {
      await scene.until(async () => ((await scene.path('fibre')).packets?.asked ?? 0) >= 60, '60 packets');
      const at = Date.now();
      await limitTarget(scene.lab, 'fibre');
      let worst = 0;
      let settled = 0;
      const isLong = async (): Promise<boolean> => {
        const { lossRatio = 0, health } = await scene.path('fibre');
        assert.equal(health, 'reliable');
        worst = Math.max(worst, lossRatio);
        settled = lossRatio === 0 ? settled : Date.now();
        return Date.now() - at > 25_000 && Date.now() - settled > 5000;
      };
      await scene.until(isLong, () => `no loss of fibre (worst ${worst})`, 60_000);
      assert.ok(worst <= 0.06, `${worst}: before it was known to be the target`);
      await scene.assertUnmoved(at);
    } finally {
      await scene.close();
    }
  });

  test('through every line is reported and set aside, and not time and again', async () => {
    const scene = await openScene();
    try {
      const at = Date.now();
      for (const { name } of scene.lab.isps) await limitTarget(scene.lab, name);
      await scene.until(() => Date.now() - at > 60_000, 'a minute', 90_000);
      const said = (await scene.decisions()).filter(
        (decision) => decision.kind === 'target' && decision.family === 4 && decision.at >= at,
      );
      assert.ok(said.length >= 1 && said.length <= 3, said.map(({ sentence }) => sentence).join('; '));
      assert.equal((await scene.path('fibre')).lossRatio, 0);
      await scene.assertUnmoved(at);
    } finally {
      await scene.close();
    }
  });
});
