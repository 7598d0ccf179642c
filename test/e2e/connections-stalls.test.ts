import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { flowTargets } from '../../src/lab/topology.ts';
import { addClient } from './lan.ts';
import { openScene, type Scene } from './scene.ts';
import { ispOf, marked, serveStreams, streamsIn } from './streams.ts';

const stallMs = 500;
const stalls = 100;
const keptMs = 200; // after this, nothing begins in a dead line

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1' },
    { name: 'cable', device: 'eth2' },
  ],
  // Noticed within an interval and a timeout. An outage only after three seconds, so that stalls so close to each other are
  // not yet taken for flapping, nor for loss, which would move everything away for longer.
  settings: {
    checkInterval: '50ms',
    checkTimeout: '100ms',
    minOutage: '3s',
    maxStoredTestResultCount: 100,
    maxFailedChecks: 60,
  },
  config: (lab) => marked(lab),
  prepare: addClient,
});
after(() => scene.close());
const { lab } = scene;
/** How long the daemon had work to do and no processor to do it with, so far (proc(5), `schedstat`). */
function heldUpMs(): number {
  const [, waitedNs] = readFileSync(`/proc/${scene.daemon.pid}/schedstat`, 'utf8').split(' ').map(Number);
  return (waitedNs ?? 0) / 1e6;
}

const server = await serveStreams();
after(() => server.close());
const [client, router] = [await streamsIn('client'), await streamsIn('router')];
after(() => client.close());
after(() => router.close());

test(`${stalls} stalls of ${stallMs} ms: no connection breaks, none begins in the dead line after ${keptMs} ms`, async (t) => {
  const began = Date.now();
  for (const streams of [client, router])
    for (const [i, to] of [flowTargets[4], flowTargets[6], flowTargets[4]].entries())
      streams.open({ id: `long-${i}`, to, everyMs: 50 });
  let count = 0;
  const beat = setInterval(() => {
    count += 1;
    const to = flowTargets[count % 2 === 0 ? 4 : 6];
    (count % 4 < 2 ? client : router).open({ id: `short-${count}`, to, everyMs: 0, once: true });
  }, 25);
  const dead: { from: number; to: number; heldMs: number }[] = [];
  for (let i = 0; i < stalls; i += 1) {
    await sleep(1650 + 7 * (i % 20));
    const held = heldUpMs();
    const from = await lab.cut('fibre');
    await sleep(stallMs);
    dead.push({ from, to: Date.now(), heldMs: heldUpMs() - held });
    await lab.heal('fibre');
  }
  clearInterval(beat);
  await sleep(3000);
  const all = [...(await client.all()), ...(await router.all())];
  const long = all.filter(({ id }) => id.startsWith('long'));
  const short = all.filter(({ id }) => id.startsWith('short'));
  const late = short.flatMap((stream) => {
    const stall = dead.find(({ from, to }) => stream.startedAt > from && stream.startedAt < to);
    return stall !== undefined && ispOf(lab, stream) !== 'cable'
      ? [stream.startedAt - stall.from - stall.heldMs]
      : [];
  });
  const during = short.filter(({ startedAt }) =>
    dead.some(({ from, to }) => startedAt > from && startedAt < to),
  );
  const heldMs = Math.max(...dead.map((stall) => stall.heldMs));
  const sorted = [...late].sort((a, b) => a - b);
  t.diagnostic(
    `${short.length} connections began, ${during.length} of them during a stall, ${late.length} of those in the dead line: at most ${sorted.at(-1)} ms after its beginning, half within ${sorted[sorted.length >> 1]} ms; the daemon waited for a processor up to ${heldMs.toFixed(0)} ms, which is not counted`,
  );
  assert.deepEqual(
    long.filter(({ ended }) => ended !== undefined),
    [],
  );
  assert.deepEqual(
    long.map((stream) => ispOf(lab, stream)),
    Array(6).fill('fibre'),
  );
  assert.deepEqual(
    short.filter(({ via, ended }) => via === undefined || ended !== 'closed'),
    [],
  );
  assert.deepEqual(
    sorted.filter((ms) => ms > keptMs),
    [],
  );
  await scene.assertUnmoved(began);
  const between = short.filter((stream) => !during.includes(stream));
  const onFibre = between.filter((stream) => ispOf(lab, stream) === 'fibre').length;
  assert.ok(
    onFibre > between.length * 0.7,
    `${onFibre} of ${between.length} through fibre between the stalls`,
  );
});
