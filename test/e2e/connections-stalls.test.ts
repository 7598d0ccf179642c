import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { flowTargets } from '../../src/lab/topology.ts';
import { addClient } from './lan.ts';
import { openScene, type Scene } from './scene.ts';
import { ispOf, marked, type Stream, serveStreams, streamsIn } from './streams.ts';

const stallMs = 500;
const stalls = 100;
const keptMs = 200; // after this, nothing begins in a dead line

// Three share the traffic and stall in turn: each has recovered before its next stall, which is no flapping yet. Classic,
// so that one that is back has its share at once, and its next stall meets connections that would begin there.
const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1' },
    { name: 'cable', device: 'eth2' },
    { name: 'dsl', device: 'eth3' },
  ],
  shared: true,
  settings: { checkInterval: '50ms', checkTimeout: '100ms', minOutage: '1s', multipath: 'classic' },
  config: (lab) => {
    const config = marked(lab);
    return { ...config, providers: config.providers.map((provider) => ({ ...provider, tier: 1 })) };
  },
  prepare: addClient,
});
after(() => scene.close());
const { lab } = scene;
const server = await serveStreams();
after(() => server.close());
const sides = [await streamsIn('client'), await streamsIn('router')];
after(() => sides.forEach((streams) => void streams.close()));

/** A time in which nothing got through an ISP. */
interface Dead {
  readonly isp: string;
  readonly from: number;
  readonly to: number;
  readonly heldMs: number; // for which the daemon had work to do and no processor for it
}

/** So far, with its `ip` sessions, which write the routes; see proc(5), `schedstat`. */
function heldUpMs(): number {
  const { pid } = scene.daemon;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const waits = [pid, ...children].map((each) => {
    if (!existsSync(`/proc/${each}/schedstat`)) return 0; // it has ended
    const [, waitedNs = 0] = readFileSync(`/proc/${each}/schedstat`, 'utf8').split(' ').map(Number);
    return waitedNs / 1e6;
  });
  return waits.reduce((sum, ms) => sum + ms, 0);
}

async function stall(isp: string): Promise<Dead> {
  const held = heldUpMs();
  const from = await lab.cut(isp);
  await sleep(stallMs);
  const to = Date.now();
  await lab.heal(isp);
  return { isp, from, to, heldMs: heldUpMs() - held };
}

/** Begins a short connection every 25 ms, in both families, of client and router in turn, until it is called. */
function beginShortOnes(): () => void {
  let count = 0;
  const beat = setInterval(() => {
    count += 1;
    const to = flowTargets[count % 2 === 0 ? 4 : 6];
    sides[count % 4 < 2 ? 0 : 1]?.open({ id: `short-${count}`, to, everyMs: 0, once: true });
  }, 25);
  return () => clearInterval(beat);
}

/** When a stream that went through the stalled line began, after the beginning of the stall. */
function lateness(stream: Stream, deads: readonly Dead[]): number[] {
  const dead = deads.find(({ from, to }) => stream.startedAt > from && stream.startedAt < to);
  const isp = ispOf(lab, stream);
  return dead !== undefined && (isp === dead.isp || isp === undefined)
    ? [stream.startedAt - dead.from - dead.heldMs]
    : [];
}

test(`${stalls} stalls of ${stallMs} ms: no connection breaks, next to none begins in the dead line after ${keptMs} ms`, async (t) => {
  const at = Date.now();
  for (const streams of sides)
    for (let i = 0; i < 12; i += 1)
      streams.open({ id: `long-${i}`, to: flowTargets[i % 2 === 0 ? 4 : 6], everyMs: 50 });
  const endShortOnes = beginShortOnes();
  const deads: Dead[] = [];
  for (let i = 0; i < stalls; i += 1) {
    await sleep(1100 + 7 * (i % 10));
    deads.push(await stall(lab.isps[i % 3]?.name ?? ''));
  }
  endShortOnes();
  await sleep(3000);
  const all = (await Promise.all(sides.map((streams) => streams.all()))).flat();
  const [long, short] = ['long', 'short'].map((kind) => all.filter(({ id }) => id.startsWith(kind))) as [
    Stream[],
    Stream[],
  ]; // two in, two out
  const late = short.flatMap((stream) => lateness(stream, deads)).sort((a, b) => a - b);
  const met = deads.filter(({ isp, from }) =>
    short.some((s) => s.startedAt < from && s.startedAt > from - 500 && ispOf(lab, s) === isp),
  );
  t.diagnostic(
    `${short.length} connections began; ${met.length} stalls met a line that got some; ${late.length} began in a dead line, ` +
      `the last ${late.at(-1)?.toFixed(0)} ms after that; time without a processor is not counted: up to ${Math.max(...deads.map(({ heldMs }) => heldMs)).toFixed(0)} ms`,
  );
  assert.deepEqual(
    long.filter(({ ended, answeredAt }) => ended !== undefined || answeredAt < Date.now() - 2000),
    [],
  );
  assert.deepEqual(
    short.filter(({ via, ended }) => via === undefined || ended !== 'closed'),
    [],
  );
  const tooLate = late.filter((ms) => ms > keptMs);
  assert.ok(
    tooLate.length <= short.length / 1000,
    `${tooLate.map(Math.round).join(', ')} ms of ${short.length}`,
  ); // a busy machine
  assert.ok(
    met.length >= stalls / 2,
    `only ${met.length} stalls met a line that new connections went through`,
  );
  const cuts = (await scene.decisions()).filter(
    (decision) => decision.at >= at && / cut, /.test(decision.sentence),
  );
  assert.deepEqual(cuts, []);
});
