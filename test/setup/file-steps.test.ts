import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { linkStep, programStep, writeStep } from '../../src/setup/file-steps.ts';
import { sameTree } from '../../src/setup/same-tree.ts';

let folder = '';
beforeEach((t) => {
  folder = mkdtempSync(join(tmpdir(), 'failover-steps-'));
  if ('after' in t) t.after(() => rmSync(folder, { recursive: true, force: true }));
});

const at = (path: string): string => join(folder, path);

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
  chmodSync(at(path), mode);
}

const read = (path: string): string => readFileSync(at(path), 'utf8');

test('writeStep() makes folders it needs, and takes exactly those back', () => {
  mkdirSync(at('etc'));
  const step = writeStep(at('etc/iproute2/rt_tables.d/x.conf'), 'new');
  assert.equal(step.isDone(), false);
  step.act();
  assert.equal(read('etc/iproute2/rt_tables.d/x.conf'), 'new');
  assert.equal(step.isDone(), true);
  step.undo();
  assert.deepEqual([existsSync(at('etc/iproute2')), existsSync(at('etc'))], [false, true]);
});

test('writeStep() puts the earlier content back', () => {
  write('x', 'old');
  const step = writeStep(at('x'), 'new');
  step.act();
  step.undo();
  assert.equal(read('x'), 'old');
});

test('linkStep() refuses a name that something else has, and leaves that alone', () => {
  write('bin/failover', 'mine');
  const step = linkStep(at('bin/failover'), '/etc/failover/failover');
  assert.throws(() => step.act(), /something else is already there/);
  step.undo();
  assert.equal(read('bin/failover'), 'mine');
});

test('linkStep() links, and its undo takes the link back', () => {
  const step = linkStep(at('bin/failover'), '/nowhere');
  step.act();
  assert.equal(readlinkSync(at('bin/failover')), '/nowhere');
  assert.equal(step.isDone(), true);
  step.undo();
  assert.equal(step.isDone(), false);
});

const parts = ['run', 'src', 'node_modules/a'];

function source(version: string): void {
  write('source/run', `#!/bin/sh ${version}`, 0o775);
  write('source/src/deep/x.ts', version, 0o600);
  write('source/node_modules/a/index.js', version, 0o666);
  write('source/node_modules/dev/index.js', version);
}

test('programStep() copies its parts only, readable by all and writable by the owner', () => {
  source('1');
  const step = programStep(at('source'), at('home'), parts);
  step.act();
  assert.equal(step.isDone(), true);
  assert.equal(existsSync(at('home/node_modules/dev')), false);
  const modes = ['run', 'src/deep', 'src/deep/x.ts', 'node_modules/a/index.js'].map(
    (path) => statSync(at(`home/${path}`)).mode & 0o777,
  );
  assert.deepEqual(modes, [0o755, 0o755, 0o644, 0o644]);
});

test('programStep() of a newer version leaves the configuration, and its undo brings the earlier one back', () => {
  source('1');
  programStep(at('source'), at('home'), parts).act();
  write('home/config.ts', 'mine');
  source('2');
  write('source/added', 'new');
  const step = programStep(at('source'), at('home'), [...parts, 'added']);
  assert.equal(step.isDone(), false);
  step.act();
  assert.deepEqual([read('home/src/deep/x.ts'), read('home/added')], ['2', 'new']);
  step.undo();
  assert.deepEqual([read('home/src/deep/x.ts'), existsSync(at('home/added'))], ['1', false]);
  assert.equal(read('home/config.ts'), 'mine');
  assert.equal(existsSync(at('home/.old')) || existsSync(at('home/.new')), false);
});

test('programStep() that fails half way is undone', () => {
  source('1');
  programStep(at('source'), at('home'), parts).act();
  source('2');
  const step = programStep(at('source'), at('home'), [...parts, 'missing']);
  assert.throws(() => step.act(), /copying .*missing/);
  step.undo();
  assert.equal(read('home/src/deep/x.ts'), '1');
  assert.equal(existsSync(at('home/.new')), false);
});

test('programStep() of the first time leaves nothing when it is undone', () => {
  source('1');
  const step = programStep(at('source'), at('home'), parts);
  step.act();
  step.undo();
  assert.equal(existsSync(at('home')), false);
});

test('sameTree() sees content, names, links and executability', () => {
  source('1');
  const make = (): void => {
    rmSync(at('copy'), { recursive: true, force: true });
    programStep(at('source'), at('copy'), ['src', 'run']).act();
  };
  const same = (): boolean => sameTree(at('source/src'), at('copy/src'));
  make();
  assert.equal(same(), true);
  write('copy/src/deep/x.ts', '2');
  assert.equal(same(), false);
  make();
  write('copy/src/more', '');
  assert.equal(same(), false);
  make();
  chmodSync(at('copy/src/deep/x.ts'), 0o755);
  assert.equal(same(), false);
  make();
  rmSync(at('copy/src/deep/x.ts'));
  symlinkSync('/etc/hostname', at('copy/src/deep/x.ts'));
  assert.equal(same(), false);
  assert.equal(sameTree(at('copy/none'), at('copy/none')), false);
});
