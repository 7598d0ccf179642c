import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { replaceFile } from '../../src/watch/replace-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-replace-'));
after(() => rmSync(folder, { recursive: true }));

test('replaceFile() makes what the service can read, whatever the umask', async (t) => {
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  const file = join(folder, 'new');
  await replaceFile(file, 'one', undefined);
  assert.deepEqual([statSync(file).mode & 0o777, readFileSync(file, 'utf8')], [0o644, 'one']);
  chmodSync(file, 0o664);
  await replaceFile(file, 'two', statSync(file));
  assert.deepEqual([statSync(file).mode & 0o777, readFileSync(file, 'utf8')], [0o664, 'two']);
});
