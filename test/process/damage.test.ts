import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import { damage } from '../../src/process/damage.mjs';
import { programFolder } from '../../src/process/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-damage-'));
after(() => rmSync(folder, { recursive: true }));

/** A copy of the program whose packages are this one's, but for some. */
function copyWithout(name: string, ...missing: readonly string[]): string {
  const copy = join(folder, name);
  mkdirSync(join(copy, 'node_modules'), { recursive: true });
  for (const part of [
    'failover',
    'models',
    'src',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'config.ts',
  ])
    cpSync(join(programFolder, part), join(copy, part), { recursive: true });
  for (const each of readdirSync(join(programFolder, 'node_modules')))
    if (!each.startsWith('.') && !missing.includes(each))
      symlinkSync(join(programFolder, 'node_modules', each), join(copy, 'node_modules', each));
  return copy;
}

test('damage() finds none in a whole program', () => {
  assert.equal(damage(programFolder), undefined);
});

for (const name of ['zod', 'esbuild', 'tsx'])
  test(`a program without ${name} says that it is not whole, and what to do`, async () => {
    const copy = copyWithout(`without-${name}`, name);
    const command = ['src/start.mjs', 'check'].map((word) => word.replace('src/', `${copy}/src/`));
    const { code, stderr } = await run(process.execPath, command, { timeoutMs: 60_000 });
    assert.notEqual(code, 0);
    assert.ok(
      stderr.includes(
        `failover: parts of the program are missing in ${copy}/node_modules: ${name}; remove ${copy}/node_modules, and they`,
      ),
      stderr,
    );
  });

test('the launcher says in one line why the packages cannot be had', async () => {
  const copy = copyWithout('without-packages');
  rmSync(join(copy, 'node_modules'), { recursive: true });
  const env = { npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0' };
  const { code, stderr } = await run(join(copy, 'failover'), ['check'], { env, timeoutMs: 60_000 });
  assert.equal(code, 1);
  const lines = stderr.split('\n').filter((line) => line.startsWith('failover: the npm'));
  assert.match(
    lines[0] ?? '',
    /could not be installed: request to http:\/\/127\.0\.0\.1:9\/\S+ failed, reason: .*ECONNREFUSED.*\. Fix that, or name another registry/,
  );
  assert.doesNotMatch(stderr, /^npm |^ +at /m);
});
