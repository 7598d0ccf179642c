import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createLab } from '../../src/lab/lab.ts';
import { Scene, twoIsps } from './scene.ts';

test('1 s down, 1 s up for 60 s at default settings: two switches at most, and few packets lost', async (t) => {
  const lab = await createLab({ isps: twoIsps });
  after(() => lab.close());
  const scene = new Scene(lab, await lab.daemon());
  await scene.calm();
  const flow = await lab.flow();
  const watch = await lab.watchRoutes();
  const at = Date.now();
  await lab.flap('fibre', { downMs: 1000, upMs: 1000, count: 30 });
  const { sent, lost, lostRatio = 1 } = await flow.settled(at);
  const report = await watch.stop();
  t.diagnostic(`${lost} of ${sent} packets lost; switches: ${(await scene.switches(at)).join(', ')}`);
  for (const family of [4, 6] as const) {
    const switches = await scene.switches(at, family);
    assert.ok(switches.length <= 2, `IPv${family}: ${switches.join(', ')}`);
    assert.equal(report[family].withoutDefaultMs, 0);
  }
  assert.ok(sent > 4000, `only ${sent} packets were sent`);
  assert.ok(lostRatio <= 0.05, `${lost} of ${sent} packets lost`);
});
