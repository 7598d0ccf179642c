import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Outcome, run } from '../src/kernel/exec.ts';

const program = fileURLToPath(new URL('run', import.meta.url));

/** Runs files of test/support/fixtures, and other words for `test/run unit`. */
function unit(files: readonly string[], limitSeconds: number, ...words: readonly string[]): Promise<Outcome> {
  return unitWith({ FAILOVER_TEST_LIMIT: `${limitSeconds}` }, files, words);
}

function unitWith(
  env: Readonly<Record<string, string>>,
  files: readonly string[],
  words: readonly string[] = [],
): Promise<Outcome> {
  const paths = files.map((file) => `test/support/fixtures/${file}.ts`);
  return run(program, ['unit', ...paths, ...words], {
    timeoutMs: 60_000,
    env: { FAILOVER_TEST_VERBOSE: '', FAILOVER_TEST_AGAIN: '0', ...env },
  });
}

test('test/run ends a file that hangs, names it with what it printed, and goes on with the others', async () => {
  const { code, stdout } = await unit(['hangs', 'passes'], 4);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /✔ went well/);
  assert.match(stdout, /✖ never ends/);
  assert.match(stdout, /it did not end within 4 s\nFAILED {2}test\/support\/fixtures\/hangs\.ts \(/);
  assert.match(stdout, /ok {6}test\/support\/fixtures\/passes\.ts \(2 tests, /);
  assert.match(stdout, /skipped is not run for lack of something: something is not there\n/);
  assert.match(
    stdout,
    /# tests 4\n# pass 2\n# fail 1\n# skipped 1\nFAILED {2}test\/support\/fixtures\/hangs/,
  );
});

test('test/run takes a process that ends before its tests did for a failure', async () => {
  const { code, stdout } = await unit(['ends-early'], 60);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /FAILED {2}test\/support\/fixtures\/ends-early\.ts/);
});

test('test/run gives few failed files a second chance, and says which needed it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'unsteady-'));
  try {
    const env = { FAILOVER_TEST_AGAIN: '', UNSTEADY_MARK: join(folder, 'mark') };
    const { code, stdout } = await unitWith(env, ['unsteady', 'passes']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /the first time it fails/);
    assert.match(
      stdout,
      /# fail 0\n.*\nunsteady \(failed beside other tests, passed alone\) {2}test\S+unsteady\.ts\n/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('test/run fails when a file fails twice, and does not try when many failed', async () => {
  const twice = await unitWith({ FAILOVER_TEST_AGAIN: '2' }, ['ends-early']);
  assert.equal(twice.code, 1, twice.stdout);
  assert.match(twice.stdout, /once more, alone: test\S+ends-early\.ts/);
  assert.doesNotMatch(twice.stdout, /unsteady/);
  const many = await unitWith({ FAILOVER_TEST_AGAIN: '1', UNSTEADY_MARK: '/nowhere/mark' }, [
    'ends-early',
    'unsteady',
  ]);
  assert.equal(many.code, 1, many.stdout);
  assert.doesNotMatch(many.stdout, /once more/);
});

test('test/run hands a pattern for names to node', async () => {
  const { code, stdout } = await unit(['hangs'], 60, '--test-name-pattern=went well');
  assert.equal(code, 0, stdout);
});

test('test/run leaves nothing compiled behind', async () => {
  const folder = new URL('../node_modules/.failover-tests/', import.meta.url);
  const before = new Set(readdirSync(folder));
  const { code } = await unit(['passes'], 60);
  assert.equal(code, 0);
  for (const name of readdirSync(folder)) if (!before.has(name)) assert.ok(isRunning(name), name);
});

/** Another run of the tests, going on at the same time, has its own folder there. */
function isRunning(pid: string): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}
