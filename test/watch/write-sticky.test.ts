import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeSticky } from '../../src/watch/write-sticky.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-write-'));
after(() => rmSync(folder, { recursive: true }));

test('writeSticky() makes a file, and replaces one whole, leaving nothing beside it', async () => {
  const own = join(folder, 'own');
  mkdirSync(own);
  const file = join(own, 'sticky.provider');
  await writeSticky(file, 'cable\n');
  assert.equal(statSync(file).mode & 0o777, 0o644);
  const { ino } = statSync(file);
  await writeSticky(file, 'fibre\n');
  assert.equal(readFileSync(file, 'utf8'), 'fibre\n');
  assert.notEqual(statSync(file).ino, ino);
  assert.deepEqual(readdirSync(own), ['sticky.provider']);
});

test('writeSticky() keeps mode and owner', {
  skip: process.getuid?.() === 0 ? false : 'only root may give files away',
}, async () => {
  const file = join(folder, 'owned');
  writeFileSync(file, '');
  try {
    chownSync(file, 0, 65534);
  } catch {
    chownSync(file, 0, 0); // a user namespace may know one group only
  }
  chmodSync(file, 0o664);
  const { gid } = statSync(file);
  await writeSticky(file, 'cable\n');
  const stat = statSync(file);
  assert.deepEqual([stat.mode & 0o777, stat.gid], [0o664, gid]);
});

test('writeSticky() leaves a symbolic link one, and writes what it leads to', async () => {
  const [target, link] = [join(folder, 'target'), join(folder, 'link')];
  writeFileSync(target, '');
  symlinkSync(target, link);
  await writeSticky(link, 'cable\n');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(target, 'utf8'), 'cable\n');
});

test('writeSticky() says what is in the way and what to do', async () => {
  await assert.rejects(
    writeSticky(join(folder, 'no', 'file'), ''),
    /cannot be written: the folder .*\/no does not exist; create it/,
  );
  mkdirSync(join(folder, 'there'));
  await assert.rejects(
    writeSticky(join(folder, 'there'), ''),
    /cannot be written: it is not a regular file; remove what is there/,
  );
  assert.ok(!readdirSync(folder).some((name) => name.startsWith('.')), 'no temporary file is left');
});
