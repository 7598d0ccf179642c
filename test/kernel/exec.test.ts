import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ExecError, run, start, startTied } from '../../src/kernel/exec.ts';

test('run() returns how a program ended, whatever its status', async () => {
  assert.deepEqual(await run('sh', ['-c', 'echo out; echo err >&2; exit 3']), {
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  assert.deepEqual(await run('true', []), { code: 0, stdout: '', stderr: '' });
});

test('run() takes words as they are: no shell reads them', async () => {
  const words = ['$HOME', '`id`', "a'b", 'c;d', '*'];
  assert.equal((await run('printf', ['%s\n', ...words])).stdout, `${words.join('\n')}\n`);
});

test('run() hands over its input, also to a program that does not read it', async () => {
  assert.equal((await run('cat', [], { input: 'text' })).stdout, 'text');
  assert.equal((await run('true', [], { input: 'x'.repeat(1 << 20) })).code, 0);
});

test('run() sets LC_ALL=C and what it is told to', async () => {
  const { stdout } = await run('sh', ['-c', 'echo "$LC_ALL $MORE"'], { env: { MORE: 'more' } });
  assert.equal(stdout, 'C more\n');
});

test('run() gives 128 + the signal for a program that a signal ended', async () => {
  assert.equal((await run('sh', ['-c', 'kill -TERM $$'])).code, 143);
});

/** A folder in PATH that we may not search turns ENOENT into EACCES, as for a plain user with root's PATH. */
const searchable = { PATH: '/usr/bin:/bin' };

test('run() rejects what is missing, and says so', async () => {
  await assert.rejects(run('no-such-program', [], { env: searchable }), (error: unknown) => {
    assert.ok(error instanceof ExecError);
    assert.deepEqual(
      [error.missing, error.program, error.message],
      [true, 'no-such-program', 'no-such-program is not installed'],
    );
    return true;
  });
  await assert.rejects(run('/etc/passwd', []), (error: unknown) => {
    assert.ok(error instanceof ExecError);
    assert.equal(error.missing, false);
    assert.match(error.message, /\/etc\/passwd could not be started: .*EACCES/);
    return true;
  });
});

test('run() ends a program that takes too long', async () => {
  const from = performance.now();
  await assert.rejects(run('sleep', ['30'], { timeoutMs: 100 }), /sleep did not end within 100 ms/);
  assert.ok(performance.now() - from < 10_000);
});

test('start() leaves the pipes to the caller, and emits an error for what is missing', async () => {
  const child = start('cat', []);
  child.stdout.setEncoding('utf8');
  child.stdin.write('line\n');
  assert.deepEqual(await once(child.stdout, 'data'), ['line\n']);
  child.stdin.end();
  assert.deepEqual(await once(child, 'close'), [0, null]);
  const [error] = (await once(start('no-such-program', [], { env: searchable }), 'error')) as [
    NodeJS.ErrnoException,
  ];
  assert.equal(error.code, 'ENOENT');
});

test('startTied() starts a program in the place of its shell, with all of its words', async () => {
  const child = startTied('sh', ['-c', 'echo "$$ $*"; exec sleep 60', 'sh', 'a b', '$HOME']);
  assert.deepEqual(await once(child.stdout.setEncoding('utf8'), 'data'), [`${child.pid} a b $HOME\n`]);
  child.kill('SIGKILL');
  assert.deepEqual(await once(child, 'close'), [null, 'SIGKILL']);
});
