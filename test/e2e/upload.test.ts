import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { narrow, startUpload } from '../../src/lab/upload.ts';
import { openScene, type Scene } from './scene.ts';

const bitsPerSecond = 5_000_000;
const learningMs = 12_000; // of what the line can carry
const fullMs = 30_000;

const scene: Scene = await openScene({
  settings: { checkInterval: '1s', minOutage: '1s', rtt: { down: '200ms', up: '150ms' } },
});
after(() => scene.close());
const { lab } = scene;

test('an upload that fills its line moves nothing, however late answers are; a cut in its midst does', async (t) => {
  for (const isp of lab.isps)
    if (!(await narrow(isp, { bitsPerSecond, queueMs: 60 })))
      return t.skip('the kernel has no tbf to shape a line with');
  const began = Date.now();
  const upload = await startUpload();
  after(() => upload.close());
  await sleep(learningMs);
  for (const isp of lab.isps) await narrow(isp, { bitsPerSecond, queueMs: 400 });
  const isOver = async (): Promise<boolean> => ((await scene.path('fibre')).rttMs ?? 0) > 220;
  await scene.until(isOver, 'round-trip times over the limit', fullMs);
  const { remarks } = await scene.path('fibre');
  assert.match(
    remarks.join('\n'),
    /^RTT \d+ ms \(limit 200 ms\), not held against it: [\d.]+ of [\d.]+ Mbit\/s were sent$/m,
  );
  await sleep(Math.max(0, began + learningMs + fullMs - Date.now()));
  await scene.assertUnmoved(began);
  const at = await lab.cut('fibre');
  await scene.carries('cable');
  const moved = (await scene.decisions()).find((each) => each.kind === 'switch' && each.at >= at);
  assert.ok(moved !== undefined && moved.at - at < 10_000, `moved ${(moved?.at ?? 0) - at} ms after the cut`);
  assert.match(moved.reason, /nothing got through for|it flaps/); // answers that are as late as this may have been missed before
});
