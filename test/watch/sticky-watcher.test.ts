import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sticky } from '../../models/event.ts';
import { run } from '../../src/kernel/exec.ts';
import { readSticky, StickyWatcher } from '../../src/watch/sticky-watcher.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-sticky-'));
after(() => rmSync(folder, { recursive: true }));

/** A watcher of a file, and what it said. */
function watching(name: string): {
  file: string;
  said: (Sticky | string | undefined)[];
  watcher: StickyWatcher;
} {
  const file = join(folder, name);
  const said: (Sticky | string | undefined)[] = [];
  const watcher = new StickyWatcher(file, {
    sticky: (sticky) => said.push(sticky),
    problem: (problem) => said.push(problem),
  });
  return { file, said, watcher };
}

test('readSticky() reads an id, nothing, and a file that is not there', () => {
  const file = join(folder, 'read');
  assert.deepEqual(readSticky(file), { sticky: undefined });
  assert.deepEqual(readSticky(join(file, 'below')), { sticky: undefined });
  writeFileSync(file, ' cable \n');
  assert.deepEqual(readSticky(file), { sticky: { id: 'cable', until: undefined } });
  assert.deepEqual(readSticky(join(file, 'below')), { sticky: undefined }, 'a file is no folder');
  writeFileSync(file, ' \n');
  assert.deepEqual(readSticky(file), { sticky: undefined });
});

test('readSticky() never waits and never throws, whatever is there', async () => {
  const problems: readonly (readonly [string, (path: string) => unknown, RegExp])[] = [
    ['folder', (path) => mkdirSync(path), /is not a regular file$/],
    ['fifo', (path) => run('mkfifo', [path]), /is not a regular file$/],
    ['loop', (path) => symlinkSync(path, path), /cannot be read: ELOOP/],
    ['large', (path) => writeFileSync(path, Buffer.alloc(5 << 20, 'x')), /has 5242880 bytes/],
    ['junk', (path) => writeFileSync(path, Buffer.from([1, 2, 255])), /control characters in it/],
    ['path', (path) => writeFileSync(path, '../x'), /cannot be a provider's id/],
  ];
  for (const [name, make, problem] of problems) {
    const file = join(folder, name);
    await make(file);
    const reading = readSticky(file);
    assert.ok('problem' in reading, name);
    assert.match(reading.problem, problem);
    assert.ok(reading.problem.startsWith(file), reading.problem);
  }
});

test('StickyWatcher says each news once', async () => {
  const { file, said, watcher } = watching('news');
  watcher.read();
  watcher.read();
  assert.deepEqual(said, [undefined]);
  writeFileSync(file, 'cable');
  await until(() => said.length === 2, 'the pin');
  writeFileSync(file, 'cable\n'); // the same in other letters
  writeFileSync(file, '../x');
  await until(() => said.length === 3, 'the problem');
  writeFileSync(file, 'cable');
  await until(() => said.length === 4, 'the pin again');
  rmSync(file);
  await until(() => said.length === 5, 'its end');
  assert.deepEqual(
    said.map((each) => typeof each),
    ['undefined', 'object', 'string', 'object', 'undefined'],
  );
  watcher.read({ again: true });
  assert.equal(said.length, 6);
  await watcher.close();
});

test('StickyWatcher empties the file when a pin ends, at once when it ended before', async () => {
  const { file, said, watcher } = watching('until');
  const end = Date.now() + 700;
  writeFileSync(file, `cable until ${new Date(end).toISOString()}\n`);
  watcher.read();
  assert.deepEqual(said, [{ id: 'cable', until: end }]);
  await until(() => said.length === 2, 'the end');
  assert.ok(Date.now() >= end);
  assert.deepEqual([said[1], readFileSync(file, 'utf8')], [undefined, '']);
  writeFileSync(file, 'cable until 2020-01-01T00:00:00Z');
  await until(() => said.length === 4, 'the end of a past pin');
  assert.equal(readFileSync(file, 'utf8'), '');
  await watcher.close();
});

test('StickyWatcher ends a pin by the wall clock when it cannot empty the file', async (t) => {
  const { file, said, watcher } = watching('kept');
  const end = Date.now() + 10 * 60_000;
  writeFileSync(file, `cable until ${new Date(end).toISOString()}\n`);
  await run('mount', ['--bind', '-o', 'ro', file, file]);
  await run('mount', ['-o', 'remount,bind,ro', file]);
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
  watcher.read();
  assert.deepEqual(said, [{ id: 'cable', until: end }]);
  t.mock.timers.setTime(end + 1); // the machine slept, or the clock was set: timers did not run
  t.mock.timers.tick(60_000);
  assert.deepEqual(said, [{ id: 'cable', until: end }, undefined]);
  watcher.read({ again: true });
  assert.deepEqual(said.slice(1), [undefined, undefined]);
  assert.match(readFileSync(file, 'utf8'), /^cable until/);
  t.mock.timers.reset();
  await watcher.close();
  await run('umount', [file]);
});

test('StickyWatcher does not empty a file that was changed before its pin ended', async () => {
  const { file, said, watcher } = watching('changed');
  writeFileSync(file, `cable until ${new Date(Date.now() + 600).toISOString()}\n`);
  watcher.read();
  writeFileSync(file, 'fibre\n');
  await until(() => said.length === 2, 'the other pin');
  await sleep(1000);
  assert.equal(readFileSync(file, 'utf8'), 'fibre\n');
  await watcher.close();
});

test('StickyWatcher waits for ends beyond the longest timer of Node', async () => {
  const { file, said, watcher } = watching('far');
  writeFileSync(file, 'cable until 2099-01-01T00:00:00Z\n');
  watcher.read();
  await sleep(300);
  assert.equal(said.length, 1);
  assert.match(readFileSync(file, 'utf8'), /2099/);
  await watcher.close();
});
