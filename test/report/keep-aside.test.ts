import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keepAside } from '../../src/report/keep-aside.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-aside-'));
after(() => rmSync(folder, { recursive: true }));

/** Keeps these texts aside one after the other; the content of what is kept, the latest first. */
async function kept(name: string, texts: readonly string[], mostBytes?: number): Promise<string[]> {
  const file = join(folder, name);
  for (const text of texts) {
    writeFileSync(file, text);
    await keepAside(file, mostBytes);
    assert.ok(!existsSync(file));
  }
  const names = [`${file}.old`, ...Array.from({ length: 30 }, (_, i) => `${file}.old.${i + 2}`)];
  return names.filter((each) => existsSync(each)).map((each) => readFileSync(each, 'utf8'));
}

const letters = 'abcdefghijklmno'.split('');

test('keepAside() keeps the latest ten, numbered from the latest', async () => {
  assert.deepEqual(await kept('ten', ['a', 'b', 'c']), ['c', 'b', 'a']);
  assert.deepEqual(await kept('ten', letters.slice(3)), letters.slice(5).reverse());
});

test('keepAside() drops the oldest beyond so many bytes, and never the latest', async () => {
  assert.deepEqual(await kept('bytes', ['aaaa', 'bbbb', 'cccc'], 10), ['cccc', 'bbbb']);
  assert.deepEqual(await kept('bytes', ['d'.repeat(20)], 10), ['d'.repeat(20)]);
});

test('keepAside() fills a gap that somebody made', async () => {
  await kept('gap', ['a', 'b', 'c']);
  rmSync(join(folder, 'gap.old.2'));
  assert.deepEqual(await kept('gap', ['d']), ['d', 'c', 'a']);
});
