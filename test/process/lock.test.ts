import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { start } from '../../src/kernel/exec.ts';
import { LockError, lock } from '../../src/process/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-lock-'));
after(() => rmSync(folder, { recursive: true }));

/** Another process that takes the lock, says so, and holds it until it is killed. */
function holder(place: string): ReturnType<typeof start> {
  const code = `import { lock } from '${new URL('../../src/process/lock.ts', import.meta.url)}'; lock('${place}'); console.log('held'); setInterval(() => 0, 1000);`;
  return start(process.execPath, [
    '--import',
    import.meta.resolve('tsx'),
    '--input-type=module',
    '--eval',
    code,
  ]);
}

test('lock() makes the folder, and a second lock names the first process', () => {
  const place = join(folder, 'made', 'here');
  const first = lock(place);
  assert.equal(readFileSync(join(place, 'lock'), 'utf8'), `${process.pid}\n`);
  assert.throws(
    () => lock(place),
    (error: unknown) => {
      assert.ok(error instanceof LockError);
      assert.match(
        error.message,
        new RegExp(`another failover daemon is running \\(process ${process.pid}\\)`),
      );
      return true;
    },
  );
  first.release();
  lock(place).release();
});

test('lock() is free again when its holder is killed, whatever the file says', async () => {
  const place = join(folder, 'killed');
  const child = holder(place);
  child.stdout.setEncoding('utf8');
  assert.deepEqual(await once(child.stdout, 'data'), ['held\n']);
  assert.throws(() => lock(place), new RegExp(`process ${child.pid}\\)`));
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.equal(readFileSync(join(place, 'lock'), 'utf8'), `${child.pid}\n`);
  const own = lock(place);
  assert.equal(readFileSync(join(place, 'lock'), 'utf8'), `${process.pid}\n`);
  own.release();
});

test('lock() in a folder that cannot be used says what to do', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  assert.throws(
    () => lock(join(file, 'run')),
    /cannot be used: .*set FAILOVER_RUNTIME_DIRECTORY to a folder that is yours/,
  );
});
