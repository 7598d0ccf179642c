import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isForDevelopment, neededPackages } from '../../src/setup/packages.ts';

function folderWith(t: { after(end: () => void): void }, ...packages: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'failover-packages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of packages) mkdirSync(join(folder, 'node_modules', name), { recursive: true });
  return folder;
}

const lock = {
  packages: {
    '': { dependencies: { a: '1' }, devDependencies: { lint: '1' } },
    'node_modules/a': {
      dependencies: { b: '1' },
      optionalDependencies: { '@os/linux': '1', '@os/mac': '1' },
      peerDependencies: { compiler: '1' },
    },
    'node_modules/b': { dependencies: { a: '1', c: '2' } }, // leads back
    'node_modules/b/node_modules/c': { version: '2' },
    'node_modules/c': { version: '1' },
    'node_modules/compiler': { devOptional: true },
    'node_modules/lint': { dev: true },
    'node_modules/@os/linux': { optional: true },
    'node_modules/@os/mac': { optional: true },
  },
};

test('neededPackages() follows dependencies, not development, peers or other platforms', (t) => {
  const folder = folderWith(t, 'a', 'b', 'b/node_modules/c', 'c', 'compiler', 'lint', '@os/linux');
  assert.deepEqual(neededPackages(folder, lock), [
    'node_modules/@os/linux',
    'node_modules/a',
    'node_modules/b',
  ]);
});

test('neededPackages() refuses a folder that lacks one, and says what to run', (t) => {
  const folder = folderWith(t, 'a');
  assert.throws(
    () => neededPackages(folder, lock),
    /npm package b is not in .*run: cd .* && npm ci --omit=dev/,
  );
});

test('neededPackages() of this repository holds what it imports, and no compiler', () => {
  const root = new URL('../..', import.meta.url).pathname;
  const found = neededPackages(root, JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  for (const name of ['tsx', 'koffi', 'esbuild', 'commander', 'zod'])
    assert.ok(found.includes(`node_modules/${name}`));
  for (const name of ['typescript', '@biomejs/biome', 'knip'])
    assert.ok(!found.includes(`node_modules/${name}`));
});

test('isForDevelopment() is so for types, maps and sources of packages, not for what runs or is ours', () => {
  for (const path of [
    'node_modules/zod/src',
    'node_modules/a/lib/index.d.cts',
    'node_modules/@b/c/index.js.map',
  ])
    assert.equal(isForDevelopment(path), true, path);
  for (const path of [
    'node_modules/zod/index.js',
    'node_modules/src',
    'src',
    'docs/install.md',
    'models/config.ts',
  ])
    assert.equal(isForDevelopment(path), false, path);
});
