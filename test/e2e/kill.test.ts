/** `kill -9` at random instants, 200 times: what stands in the kernel is never half of something, and the next start moves nothing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import type { Stored } from '../../src/daemon/stored.ts';
import type { LabDaemon } from '../../src/lab/lab-daemon.ts';
import { openScene, quick } from './scene.ts';

const calm = { ...quick, minOutage: '1s', failbackDelay: '300ms' } as const; // no stall of a busy machine is an outage
const scene = await openScene({ settings: calm });
after(() => scene.close());
const { lab } = scene;
const config = join(lab.folder, 'config.json');
const sticky = join(lab.folder, 'sticky.provider');
const store = join(lab.folder, 'state', 'state.json');

const reference = { 4: await scene.ours(4), 6: await scene.ours(6) };
const watch = await lab.watchRoutes();
let current: LabDaemon = scene.daemon;
let spreadMs = 700; // kills fall between 0 and this after a start

const startLine = /failover \S+ started/;

/** Starts a daemon and kills it at a random instant: of its whole life, or (`late`) after its first decision. */
async function startAndKill(late: boolean): Promise<void> {
  current = await lab.daemon({ config });
  if (late) await current.line(startLine);
  await sleep(Math.random() * (late ? 300 : spreadMs));
  await current.kill();
}

/** A daemon that stays. */
async function startAndSettle(provider: string): Promise<void> {
  current = await lab.daemon({ config });
  await current.line(startLine);
  await scene.until(async () => (await scene.see()).pid > 0, 'the control socket');
  await scene.carries(provider);
}

async function assertReference(when: string): Promise<void> {
  for (const family of families) assert.equal(await scene.ours(family), reference[family], when);
}

test('kill -9 at random instants, 165 times: nothing moves, nothing is doubled, windows come back', async () => {
  await scene.until(() => storedSamples() >= 50, 'a full window in the store');
  const before = await scene.path('fibre');
  await current.kill();
  const from = performance.now();
  await startAndSettle('fibre');
  spreadMs = Math.min(1200, (performance.now() - from) * 1.1);
  const first = await scene.path('fibre');
  assert.ok(first.samples >= 50, `${first.samples} samples of 50 came back`);
  assert.deepEqual([first.health, first.since], ['reliable', before.since]);
  await current.kill();
  for (let i = 0; i < 163; i++) {
    await startAndKill(i % 4 === 0);
    await assertReference(`after kill ${i}`);
  }
  await startAndSettle('fibre');
  const last = await scene.path('fibre');
  assert.ok(last.samples >= 50, `${last.samples} samples of 50 came back at last`);
  assert.deepEqual([last.health, last.since], ['reliable', before.since]);
  for (const family of families) {
    assert.equal(watch.report(family).switches, 0, `switches of IPv${family}`);
    assert.deepEqual(watch.report(family).gaps, []);
  }
  assert.equal((await scene.decisions()).filter(({ kind }) => kind === 'switch').length, families.length);
});

test('kill -9 at random instants, 16 times while pinned: the pin holds', async () => {
  await writeFile(sticky, 'cable');
  await scene.carries('cable');
  await current.kill();
  const pinned = { 4: await scene.ours(4), 6: await scene.ours(6) };
  for (let i = 0; i < 15; i++) {
    await startAndKill(i % 4 === 0);
    for (const family of families) assert.equal(await scene.ours(family), pinned[family], `after kill ${i}`);
  }
  for (const family of families) assert.equal(watch.report(family).switches, 1);
  await startAndSettle('cable');
  await rm(sticky);
  await scene.carries('fibre');
  await current.kill();
});

test('kill -9 at random instants, 10 times around a failover: the next run completes it', async () => {
  await lab.writeConfig({ ...lab.config(), ...calm, minOutage: '300ms' });
  for (let i = 0; i < 5; i++) {
    current = await lab.daemon({ config });
    if (i % 2 === 0) await current.line(startLine);
    await lab.cut('fibre');
    await sleep(Math.random() * 1000); // the failover comes 0.3 to 0.6 s after the cut
    await current.kill();
    await startAndSettle('cable');
    assert.equal(lineCount(await scene.ours(4)), lineCount(reference[4]), 'as many routes and rules as ever');
    await lab.heal('fibre');
    await scene.carries('fibre');
    await scene.until(async () => (await scene.ours(4)) === reference[4], 'the routes of the beginning');
    await current.kill();
  }
});

test('kill -9 at random instants, 8 times in the first start of all: the next run completes it', async () => {
  const reports = await watch.stop();
  for (const family of families) assert.deepEqual(reports[family].gaps, [], `IPv${family} had no default`);
  for (let i = 0; i < 8; i++) {
    await flushOurs();
    await rm(store, { force: true });
    current = await lab.daemon({ config });
    if (i % 2 === 0) await current.line(startLine);
    await sleep(Math.random() * (i % 2 === 0 ? 30 : spreadMs));
    await current.kill();
    await startAndSettle('fibre');
    for (const family of families) {
      const now = await scene.ours(family);
      assert.deepEqual(now.split('\n').sort(), reference[family].split('\n').sort());
    }
    await current.kill();
  }
});

test('after 200 kills no process of ours is left, and a stop is a clean one', async () => {
  await startAndSettle('fibre');
  await scene.calm();
  assert.equal((await current.stop()).code, 0);
  const pids = (await lab.run('router', ['ip', 'netns', 'pids', 'router'])).trim().split('\n');
  const ours = async (): Promise<string[]> =>
    pids.map(commandOf).filter((command) => /^ip -N\b/.test(command));
  await scene.until(async () => (await ours()).length === 0, 'the end of every process of ours');
});

function storedSamples(): number {
  const { memory } = JSON.parse(readFileSync(store, 'utf8')) as Stored; // our own file
  return Math.min(...(memory?.paths.map(({ samples }) => samples.length) ?? [0]));
}

async function flushOurs(): Promise<void> {
  for (const family of ['-4', '-6']) {
    await lab.run('router', ['ip', family, 'route', 'flush', 'table', 'all', 'proto', '77']);
    await lab.run('router', ['ip', family, 'rule', 'flush', 'protocol', '77']);
  }
}

function lineCount(text: string): number {
  return text.split('\n').length;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended
  }
}
