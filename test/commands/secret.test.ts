import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { secret } from '../../src/commands/secret.ts';

let root = '';
let folder = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'failover-secret-'));
  folder = join(root, 'etc/secrets');
});
after(() => rm(root, { recursive: true }));

async function call(action: string, name?: string, input = ''): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const code = await secret(action, name, { folder, print, complain: print, input: Readable.from([input]) });
  return { code, text: lines.join('\n') };
}

test('failover secret set, list and remove', async () => {
  assert.deepEqual(await call('list'), { code: 0, text: 'No secret is set.' });
  const { code, text } = await call('set', 'portal', 'correct-horse\n');
  assert.equal(code, 0, text);
  assert.match(text, /^The secret "portal" is set\.\n/);
  assert.ok(!text.includes('correct-horse'));
  await call('set', 'api', 'x\n\n');
  assert.deepEqual(await call('list'), { code: 0, text: 'api\nportal' });
  assert.equal(await readFile(join(folder, 'portal'), 'utf8'), 'correct-horse');
  assert.equal(await readFile(join(folder, 'api'), 'utf8'), 'x\n', 'one line end is taken off');
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  assert.deepEqual([await mode(folder), await mode(join(folder, 'portal'))], ['700', '600']);
  assert.match((await call('remove', 'portal')).text, /^The secret "portal" is removed\./);
  assert.deepEqual(await call('list'), { code: 0, text: 'api' });
  const again = await call('remove', 'portal');
  assert.equal(again.code, 1);
  assert.match(again.text, /there is no secret "portal"; "failover secret list" shows/);
});

test('failover secret set replaces a secret whole, and leaves nothing else behind', async () => {
  await writeFile(join(folder, 'api'), 'old', { mode: 0o644 });
  await call('set', 'api', 'new');
  assert.equal(await readFile(join(folder, 'api'), 'utf8'), 'new');
  assert.equal((await stat(join(folder, 'api'))).mode & 0o777, 0o600);
  assert.deepEqual(await call('list'), { code: 0, text: 'api' });
});

test('failover secret refuses what is none', async () => {
  for (const [input, rule] of [
    ['', /standard input was empty/],
    ['\n', /standard input was empty/],
    ['a\0b', /without NUL characters/],
    ['x'.repeat(70_000), /at most 65536 bytes/],
  ] as const) {
    const { code, text } = await call('set', 'other', input);
    assert.equal(code, 1);
    assert.match(text, rule);
  }
  for (const name of ['../other', 'Portal', '', '-x', 'a'.repeat(64)])
    assert.match((await call('set', name, 'x')).text, /must be the name of a secret/);
  assert.match((await call('set')).text, /the name is missing: failover secret set NAME/);
  assert.match((await call('list', 'x')).text, /list takes no name/);
  assert.deepEqual(await call('list'), { code: 0, text: 'api' });
});
