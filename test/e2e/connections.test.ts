import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Family, families } from '../../models/path.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { addClient } from './lan.ts';
import { openScene, quick, type Scene } from './scene.ts';
import { strayPackets, watchStrays } from './strays.ts';
import { ispOf, marked, type Stream, type Streams, serveStreams, streamsIn } from './streams.ts';

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1' },
    { name: 'cable', device: 'eth2' },
    { name: 'lte', device: 'wwan0' },
  ],
  config: (lab) => marked(lab),
  prepare: async (lab) => {
    await addClient(lab);
    await watchStrays(lab);
  },
});
after(() => scene.close());
const { lab } = scene;
const server = await serveStreams();
after(() => server.close());
const sides = { client: await streamsIn('client'), router: await streamsIn('router') };
after(() => Object.values(sides).forEach((streams) => void streams.close()));
let count = 0;

/** Streams of client and router in both families, each opened again when it ends, that go through an ISP. */
async function openStreams(isp: string): Promise<readonly Flow[]> {
  count += 1;
  const flows = Object.values(sides).flatMap((streams) =>
    families.map((family) => ({ streams, family, id: `${count}-ipv${family}` })),
  );
  for (const { streams, family, id } of flows)
    streams.open({ id, to: flowTargets[family], everyMs: 50, again: true });
  await goThrough(flows, isp);
  return flows;
}

interface Flow {
  readonly streams: Streams;
  readonly family: Family;
  readonly id: string;
}

function latest(flows: readonly Flow[]): Promise<(Stream | undefined)[]> {
  return Promise.all(flows.map(({ streams, id }) => streams.latest(id)));
}

async function goThrough(flows: readonly Flow[], isp: string): Promise<void> {
  const arrived = async (): Promise<boolean> =>
    (await latest(flows)).every((stream) => ispOf(lab, stream) === isp);
  await scene.until(arrived, `streams through ${isp}`);
}

function endStreams(flows: readonly Flow[]): void {
  for (const { streams, id } of flows) streams.end(id);
}

/** @throws {AssertionError} when one of them was opened again since, or no longer gets answers */
async function assertUnbroken(
  flows: readonly Flow[],
  before: readonly (Stream | undefined)[],
): Promise<void> {
  const at = Date.now();
  await scene.until(
    async () => (await latest(flows)).every((stream) => (stream?.answeredAt ?? 0) > at),
    'answers to every stream',
  );
  const starts = (streams: readonly (Stream | undefined)[]): unknown[] =>
    streams.map((stream) => stream?.startedAt);
  assert.deepEqual(starts(await latest(flows)), starts(before));
}

async function reconfigure(onFailback: string): Promise<void> {
  const { providers, ...rest } = marked(lab);
  await scene.reload({
    ...quick,
    ...rest,
    providers: providers.map((provider) => ({ ...provider, onFailback })),
  });
}

/** What was cut since, in the words of the journal. */
async function cuts(since: number): Promise<string[]> {
  const decisions = await scene.decisions();
  return decisions
    .filter(({ at, sentence }) => at >= since && / cut, /.test(sentence))
    .map(({ sentence }) => sentence);
}

test('connections of a dead provider start again at once, local and forwarded, IPv4 and IPv6', async (t) => {
  const flows = await openStreams('fibre');
  const at = await lab.cut('fibre');
  await scene.carries('cable');
  await goThrough(flows, 'cable');
  const again = await latest(flows);
  const afterMs = again.map((stream) => Math.round((stream?.startedAt ?? 0) - at));
  t.diagnostic(`opened again ${afterMs.join(', ')} ms after the cut`);
  assert.ok(Math.max(...afterMs) < 5000, 'without being cut they would wait for minutes');
  assert.match(
    (await cuts(at)).join('\n'),
    /connections? of fibre \(IPv4\) cut, to start again through cable/,
  );
  endStreams(flows);
});

test('connections from temporary addresses of a dead provider end, too', async () => {
  await lab.heal('fibre');
  await scene.carries('fibre');
  await lab.run('router', ['tee', '/proc/sys/net/ipv6/conf/eth1/use_tempaddr'], '2');
  await lab.ip6('address change 2001:db8:1::1/64 dev eth1 mngtmpaddr');
  const temporary = async (): Promise<string | undefined> => {
    const shown = await lab.run('router', ['ip', '-6', 'address', 'show', 'dev', 'eth1', 'temporary']);
    return /inet6 (\S+)\/64/.exec(shown.replace(/.*tentative.*/, ''))?.[1];
  };
  await scene.until(async () => (await temporary()) !== undefined, 'a temporary address');
  const from = (await temporary()) ?? '';
  sides.router.open({ id: 'temporary', to: flowTargets[6], everyMs: 50, from });
  await scene.until(async () => (await sides.router.latest('temporary'))?.via === from, 'answers');
  const at = await lab.cut('fibre');
  const isEnded = async (): Promise<boolean> => (await sides.router.latest('temporary'))?.ended !== undefined;
  await scene.until(isEnded, 'its end', 10_000);
  assert.ok(Date.now() - at < 10_000, 'without being ended it would wait for minutes');
  await lab.run('router', ['tee', '/proc/sys/net/ipv6/conf/eth1/use_tempaddr'], '0');
});

test('soft: what began on the stand-in stays there when the better one is back', async () => {
  await lab.cut('fibre');
  await scene.carries('cable');
  const flows = await openStreams('cable');
  const before = await latest(flows);
  await scene.calm();
  const fresh = await openStreams('fibre');
  await sleep(1000);
  await assertUnbroken(flows, before);
  const strandedAt = async (key: string): Promise<number | undefined> =>
    (await lab.status()).paths.find(({ path }) => path === key)?.connections?.stranded;
  // One of the client, one of the router; none while fibre is in doubt for a moment, and gets no new ones itself.
  await scene.until(async () => ((await strandedAt('cable/4')) ?? 0) >= 2, 'two stranded connections');
  assert.equal(await strandedAt('fibre/4'), 0);
  assert.match(
    (await lab.cli(['status', '--all'])).stdout,
    /connections?, \d+ stranded: new ones begin elsewhere/,
  );
  endStreams([...flows, ...fresh]);
});

test('a standby that fails loses nothing, and nothing is cut when all are down', async () => {
  const flows = await openStreams('fibre');
  const before = await latest(flows);
  const at = Date.now();
  await lab.cut('cable');
  await lab.cut('lte');
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'cable down');
  await lab.cut('fibre');
  await scene.until(() => scene.isNow('fibre', 'unreliable'), 'all down');
  await sleep(1500);
  assert.deepEqual(await cuts(at), []);
  await scene.calm();
  await assertUnbroken(flows, before);
  endStreams(flows);
});

test('nothing is cut before the kernel was seen to send traffic the new way', async () => {
  const flows = await openStreams('fibre');
  const foreign = 'default via 10.10.1.254 dev eth1 metric 5';
  await lab.ip(`route add ${foreign}`);
  const at = await lab.cut('fibre');
  const isLeftAlone = async (): Promise<boolean> =>
    (await scene.decisions()).some(
      (decision) => decision.at >= at && decision.sentence === 'connections of fibre (IPv4) are left alone',
    );
  await scene.until(isLeftAlone, 'a word about connections that are left alone');
  const { reason } = (await scene.decisions()).findLast(({ sentence }) => /left alone/.test(sentence)) ?? {};
  assert.match(reason ?? '', /new connections leave by eth1, not by eth2/);
  await sleep(1500);
  assert.doesNotMatch((await cuts(at)).join('\n'), /IPv4/);
  await lab.ip(`route del ${foreign}`);
  await goThrough(flows, 'cable');
  assert.match((await cuts(at)).join('\n'), /fibre \(IPv4\) cut/);
  await scene.calm();
  endStreams(flows);
});

test('what slips in after the cut is cut a little later; what bears no mark of the dead one stays', async () => {
  const flows = await openStreams('fibre');
  const at = await lab.cut('fibre');
  await scene.until(async () => (await cuts(at)).some((cut) => /IPv4/.test(cut)), 'connections cut');
  const marks = { slipped: 0x01000000, ofCable: 0x02000000, foreign: 0x42 };
  for (const [i, mark] of Object.values(marks).entries()) {
    const ends = ['-s', '192.0.2.1', '-d', '192.0.2.2', '--sport', `${i + 1}`, '--dport', '9'];
    // The protocol comes first: it brings the options for ports.
    const words = ['-I', '-p', 'udp', ...ends, '-t', '300', '-m', `${mark}`];
    await lab.run('router', ['conntrack', ...words]);
  }
  const left = async (): Promise<number[]> => {
    const list = await lab.run('router', ['conntrack', '-L', '-s', '192.0.2.1']);
    return [...list.matchAll(/ mark=(\d+)/g)].map(([, mark]) => Number(mark)).sort((a, b) => a - b);
  };
  await scene.until(async () => !(await left()).includes(marks.slipped), 'the second sweep');
  assert.deepEqual(await left(), [marks.foreign, marks.ofCable]);
  await scene.calm();
  endStreams(flows);
});

test('hard: what began on the stand-in begins anew when the better one is back', async () => {
  await reconfigure('hard');
  await lab.cut('fibre');
  await scene.carries('cable');
  const flows = await openStreams('cable');
  await scene.calm();
  await goThrough(flows, 'fibre');
  endStreams(flows);
});

test('drain: it may finish for a while', async () => {
  await reconfigure('drain 3s');
  await lab.cut('fibre');
  await scene.carries('cable');
  const flows = await openStreams('cable');
  const before = await latest(flows);
  await scene.calm();
  const back = Date.now();
  await assertUnbroken(flows, before);
  await goThrough(flows, 'fibre');
  const ended = Math.min(...(await latest(flows)).map((stream) => stream?.startedAt ?? 0));
  assert.ok(ended - back > 1000, `cut ${ended - back} ms after the failback`);
  endStreams(flows);
});

test('a reload that rearranges the list takes no connection from its provider', async () => {
  await reconfigure('soft');
  const flows = await openStreams('fibre');
  const before = await latest(flows);
  const at = Date.now();
  const { providers, ...rest } = marked(lab);
  await lab.writeConfig({ ...quick, ...rest, providers: [...providers].reverse() });
  await scene.carries('lte');
  const fresh = await openStreams('lte');
  await assertUnbroken(flows, before);
  assert.deepEqual(await cuts(at), []);
  endStreams([...flows, ...fresh]);
});

test('no packet of a connection left by another provider', async () => {
  assert.deepEqual(await strayPackets(lab), { fibre: 0, cable: 0, lte: 0 });
});
