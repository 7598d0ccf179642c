import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, beforeEach, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene, type Scene } from './scene.ts';

const scene: Scene = await openScene();
after(() => scene.close());
beforeEach(() => scene.calm());

const asBefore = (before: string): Promise<true> =>
  scene.until(
    async () => (await scene.ours(4)) + (await scene.ours(6)) === before,
    'everything of ours',
    // After four repairs in ten seconds the next comes a second after the last; a busy machine needs its time. The resync
    // comes each ten seconds: it cannot stand in for the repair in all of these tests.
    6000,
  );
const everything = async (): Promise<string> => (await scene.ours(4)) + (await scene.ours(6));

/** Mischief, one line each; `6` first for IPv6. */
const mischief = [
  'route del default metric 77 proto 77',
  'route del default metric 78 proto 77',
  'route replace default via 10.10.2.254 dev eth2 metric 77 proto 77',
  'route flush table 101',
  'route del default table 102',
  'route del unreachable default table 101 metric 4294967294',
  'rule del pref 10770 oif eth1',
  'rule del pref 10773',
  'rule add pref 10773 from 192.0.2.1 lookup 101 protocol 77',
  'route add default via 10.10.2.254 dev eth2 metric 150 proto 77',
  '6 route del default metric 77 proto 77',
  '6 route flush table 102',
  '6 rule del pref 10770 oif eth2',
];

for (const words of mischief) {
  test(`"ip ${words.replace(/^6/, '-6')}" is put right`, async () => {
    const before = await everything();
    const at = Date.now();
    await (words.startsWith('6 ') ? scene.lab.ip6(words.slice(2)) : scene.lab.ip(words));
    await asBefore(before);
    await scene.assertUnmoved(at);
  });
}

/** How many there were, and when the last was: those that follow each other closely are one decision. */
async function repairs(): Promise<{ readonly count: number; readonly lastAt: number }> {
  const all = (await scene.decisions()).filter(({ numbers }) => numbers['kind'] === 'repaired');
  const count = all.reduce((sum, { numbers }) => sum + Number(numbers['times'] ?? 1), 0);
  return { count, lastAt: Math.max(0, ...all.map(({ at, numbers }) => Number(numbers['lastAt'] ?? at))) };
}

test('all of our routes and rules flushed are put back', async () => {
  const { lab } = scene;
  await scene.until(async () => Date.now() - (await repairs()).lastAt > 1000, 'a free repair');
  const before = await everything();
  const at = Date.now();
  const flush = ['route flush table all proto 77', 'rule flush protocol 77'];
  // A flush lists first and deletes then: what the daemon replaces in between is "No such process" to it.
  const raced = (error: unknown): void => assert.match(String(error), /No such process/);
  await Promise.all([lab.ip(...flush).catch(raced), lab.ip6(...flush).catch(raced)]);
  await scene.until(async () => (await repairs()).lastAt >= at, 'a repair');
  await asBefore(before);
});

test('a route deleted again and again is put back, but without a fight', async () => {
  const { lab } = scene;
  await lab.ip('route add 203.0.113.0/24 via 10.10.1.254 proto 4');
  const began = Date.now();
  const before = await scene.ours(4);
  const { count: earlier } = await repairs();
  let deleted = 0;
  while (Date.now() - began < 12_000) {
    await lab
      .ip('route del default metric 77 proto 77')
      .then(() => deleted++)
      .catch(() => undefined); // it is not there yet
  }
  const made = (await repairs()).count - earlier;
  assert.ok(deleted >= 8, `it was put back only ${deleted} times`);
  assert.ok(made <= 25, `${made} repairs in 12 s`);
  await scene.until(async () => (await scene.ours(4)) === before, 'the route, once nobody deletes it', 6000);
  assert.equal((await scene.routes('203.0.113.0/24')).length, 1);
  await scene.assertUnmoved(began);
});

/** Processes of the lab's own daemon whose command line has these words. */
async function childrenWith(words: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const read = (name: string): Promise<string> =>
      readFile(`/proc/${entry}/${name}`, 'utf8').catch(() => '');
    const parent = /^PPid:\t(\d+)$/m.exec(await read('status'))?.[1];
    const line = (await read('cmdline')).replaceAll('\0', ' ');
    if (Number(parent) === scene.daemon.pid && line.includes(words)) found.push(Number(entry));
  }
  return found;
}

test('the ip sessions killed are survived: the next failover works', async () => {
  const children = await childrenWith('-batch');
  assert.ok(children.length >= 3, `${children.length} sessions`); // addresses, IPv4, IPv6
  for (const pid of children) process.kill(pid, 'SIGKILL');
  const watch = await scene.lab.watchRoutes();
  await scene.lab.cut('fibre');
  await scene.carries('cable');
  await scene.lab.heal('fibre');
  await scene.carries('fibre');
  const report = await watch.stop();
  for (const family of families) assert.equal(report[family].withoutDefaultMs, 0);
  assert.equal(scene.daemon.exitCode, undefined);
});

test('ip monitor killed is survived: it is started again, and what was missed is read', async () => {
  const before = await everything();
  const [monitor, ...others] = await childrenWith('monitor');
  assert.ok(monitor !== undefined && others.length === 0);
  process.kill(monitor, 'SIGKILL');
  await scene.lab.ip('route del default metric 78 proto 77');
  await scene.until(
    async () => (await everything()) === before,
    'the route that was deleted meanwhile',
    6000,
  );
  await scene.until(async () => (await childrenWith('monitor')).length === 1, 'another monitor');
  await scene.lab.carrier('fibre', false);
  await scene.carries('cable');
});
