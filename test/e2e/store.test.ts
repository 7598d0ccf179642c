/** The store in a bad state, and disks that take nothing: the daemon says so once and does its work. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stored } from '../../src/daemon/stored.ts';
import type { LabDaemon } from '../../src/lab/lab-daemon.ts';
import { openScene } from './scene.ts';

const scene = await openScene({ settings: { failback: 'never', checkInterval: '50ms' } });
after(() => scene.close());
const { lab } = scene;
const config = join(lab.folder, 'config.json');
const folder = join(lab.folder, 'state');
const store = join(folder, 'state.json');
let current: LabDaemon = scene.daemon;

async function start(args: readonly string[] = []): Promise<void> {
  current = await lab.daemon({ config, args });
  await current.line(/failover \S+ started/);
  await scene.until(async () => (await scene.see()).pid === current.pid, 'the control socket');
}

function said(pattern: RegExp): number {
  return current.lines.filter((line) => pattern.test(line)).length;
}

function stored(): Stored {
  return JSON.parse(readFileSync(store, 'utf8')) as Stored; // our own file
}

/** A store as a run leaves it in which cable, not the first choice, carries the traffic. */
async function fullStore(): Promise<string> {
  await lab.cut('fibre');
  await scene.carries('cable');
  await lab.heal('fibre');
  await scene.until(() => scene.isNow('fibre', 'reliable'), 'fibre back');
  await scene.until(async () => (await scene.path('cable')).samples >= 50, 'a full window');
  await current.stop();
  return readFile(store, 'utf8');
}

const good = await fullStore();

test('Store.open() sets a broken store aside with a warning; the choice that stands in the kernel stays', async () => {
  const broken: readonly (readonly [string, string])[] = [
    ['truncated', good.slice(0, good.length / 2)],
    ['empty', ''],
    ['junk', '\0\0\0 no json'],
    ['of another version', JSON.stringify({ ...JSON.parse(good), format: 99 })],
    ['of another shape', '[]'],
    ['without windows', JSON.stringify({ ...JSON.parse(good), memory: { active: 5 } })],
  ];
  for (const [what, content] of broken) {
    await writeFile(store, content);
    await start();
    assert.equal(said(/cannot be used and was set aside as/), 1, what);
    assert.equal(await readFile(`${store}.set-aside`, 'utf8'), content, what);
    assert.equal((await scene.see()).active[4][0], 'cable', what);
    assert.equal(await scene.best(4), 'eth2', what);
    assert.ok((await scene.path('cable')).samples < 50, `the windows of a store that is ${what} were used`);
    await current.stop();
    assert.equal(stored().memory?.active[4][0], 'cable', what);
  }
});

test('Store.open() does not trust windows of before a reboot or of long ago', async () => {
  const told = JSON.parse(good) as Stored; // our own file
  const earlier: readonly (readonly [string, Partial<Stored>])[] = [
    ['before a reboot', { bootId: '00000000-0000-0000-0000-000000000000' }],
    ['an hour ago', { savedAt: told.savedAt - 3_600_000 }],
    ['the future', { savedAt: Date.now() + 3_600_000 }],
  ];
  for (const [when, change] of earlier) {
    await writeFile(store, JSON.stringify({ ...told, ...change }));
    await start();
    assert.ok((await scene.path('cable')).samples < 50, `windows of ${when} were used`);
    assert.ok(
      (await scene.decisions()).some(({ sentence }) => /moves from fibre to cable/.test(sentence)),
      when,
    );
    assert.equal((await scene.see()).active[4][0], 'cable', when);
    await current.stop();
  }
  await writeFile(store, JSON.stringify({ ...told, savedAt: Date.now() }));
  await start();
  assert.equal((await scene.path('cable')).samples, 50, 'those of just now are');
  await current.stop();
});

test('Store degrades on a read-only folder: one warning, and failover works', async () => {
  await lab.run('router', ['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder]);
  try {
    await start();
    await current.line(/the state cannot be stored/);
    await lab.cut('cable');
    await scene.carries('fibre');
    await lab.heal('cable');
    await sleep(500);
    assert.equal(said(/the state cannot be stored/), 1);
    const { code, ms } = await current.stop();
    assert.equal(code, 0);
    assert.ok(ms < 5000);
  } finally {
    await lab.run('router', ['umount', folder]);
  }
});

test('Store degrades on a full disk, says when it is over, and the earlier store is still whole', async () => {
  await lab.run('router', ['mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
  try {
    await start();
    await scene.until(() => stored().memory?.paths.length === 4, 'a store');
    await fill();
    await current.line(/the state cannot be stored, a restart would start afresh: .*ENOSPC/, 15_000);
    assert.equal(stored().memory?.paths.length, 4, 'the earlier store');
    await lab.cut('fibre');
    await scene.carries('cable');
    await rm(join(folder, 'filler'));
    await current.line(/the state can be stored again/, 15_000);
    await scene.until(() => stored().memory?.active[4][0] === 'cable', 'the present choice in the store');
    assert.equal(said(/the state cannot be stored/), 1);
    await lab.heal('fibre');
    await current.stop();
  } finally {
    await lab.run('router', ['umount', folder]);
  }
});

test('run --record on a full disk ends the recording with one warning, and nothing else', async () => {
  await lab.run('router', ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  try {
    await start(['--record', join(folder, 'recording')]);
    await current.line(
      /the recording to .*recording ended: .*ENOSPC.*; the daemon goes on without it/,
      30_000,
    );
    await lab.cut('cable');
    await scene.carries('fibre');
    await sleep(500);
    assert.equal(said(/the recording to/), 1);
    assert.equal((await current.stop()).code, 0);
  } finally {
    await lab.run('router', ['umount', folder]);
  }
});

/** Fills the folder's disk to the last byte. */
async function fill(): Promise<void> {
  const filler = join(folder, 'filler');
  await writeFile(filler, Buffer.alloc(1 << 20)).catch((error: Error) =>
    assert.match(error.message, /ENOSPC/),
  );
}
