import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { openScene, quick, type Scene } from './scene.ts';

const scene: Scene = await openScene();
after(() => scene.close());

/** Until losses of earlier tests count no more: as long as packets are kept at the longest `minOutage` here, and calm. */
const packetsKeptMs = 150_000;

function use(settings: Readonly<Record<string, unknown>>): Promise<void> {
  return scene.reload({ ...quick, ...scene.lab.config(settings) });
}

describe('a target that answers nobody', () => {
  // Two targets: one that dies again soon after it has answered would be taken for one that answers only now and then.
  for (const [requiredSuccessful, dead] of [
    [1, '8.8.8.8'],
    ['all', '1.1.1.1'],
  ] as const) {
    test(`is reported, set aside, and nobody is blamed (requiredSuccessful ${requiredSuccessful})`, async () => {
      // Longer than three echoes take to fail, whose deadline grows to 1 s on a busy machine: that many show whose fault it is.
      await use({ requiredSuccessful, minOutage: '4s' });
      await scene.calm();
      const { lab } = scene;
      const at = await lab.killTarget(dead);
      const isSetAside = async (): Promise<boolean> =>
        (await scene.see()).deadTargets.some(
          ({ target, family }) => target === `ping ${dead}` && family === 4,
        );
      await scene.until(isSetAside, 'the dead target found', 30_000);
      const { stdout } = await lab.cli(['status']);
      assert.ok(stdout.includes(dead), stdout);
      await scene.calm(); // with the target still dead
      await scene.assertUnmoved(at);
      const blamed = (await scene.decisions()).filter(
        (other) => other.kind === 'health' && other.at >= at && other.to === 'unreliable',
      );
      assert.deepEqual(blamed, []);
      await lab.cut('fibre'); // the others still tell
      await scene.carries('cable');
      await lab.heal('fibre');
      await lab.reviveTarget(dead);
      await scene.until(async () => !(await isSetAside()), 'the target back in use', 60_000);
    });
  }
});

describe('limits of the window', () => {
  beforeEach(() => scene.calm(packetsKeptMs));

  test('30 % loss over a limit of 10 % moves the traffic, and its end brings it back', async () => {
    await use({
      loss: { down: 0.1, up: 0.05 },
      testScenarios: [{ ping: '1.1.1.1' }, { ping: '2606:4700:4700::1111' }],
      maxStoredTestResultCount: 50,
    });
    await scene.calm(packetsKeptMs);
    await scene.lab.loss('fibre', 0.3);
    await scene.carries('cable', undefined, packetsKeptMs);
    const switched = (await scene.decisions()).findLast(
      ({ kind, to }) => kind === 'switch' && to === 'cable',
    );
    assert.match(switched?.reason ?? '', /loss is [\d.]+ % \(limit 10 %\)|flaps|in a row/);
    await scene.lab.loss('fibre', 0);
    await scene.carries('fibre', undefined, packetsKeptMs);
  });

  test('delay over an rtt limit moves the traffic, and its end brings it back', async (t) => {
    await use({ rtt: { down: '80ms', up: '40ms' }, maxStoredTestResultCount: 20, maxFailedChecks: 15 });
    await scene.calm();
    try {
      await scene.lab.delay('fibre', 150);
    } catch (error) {
      t.skip(`the lab cannot delay here: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    await scene.carries('cable', undefined, 30_000);
    const reliable = (await scene.path('fibre')).health;
    assert.equal(reliable, 'unreliable');
    await scene.lab.delay('fibre', 0);
    await scene.carries('fibre', undefined, 30_000);
  });
});
