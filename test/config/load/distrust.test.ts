import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { distrust } from '../../../src/config/load/distrust.ts';
import { loadConfig } from '../../../src/config/load/load.ts';

const skip = process.geteuid?.() === 0 ? false : 'only root refuses';
const top = mkdtempSync(join(tmpdir(), 'failover-distrust-'));
after(() => rmSync(top, { recursive: true }));
afterEach(() => {
  delete process.env['SUDO_UID'];
  delete process.env['SUDO_GID'];
});

let folders = 0;

/** A configuration of root's in a folder of root's below /tmp, which is sticky. */
function place(): { folder: string; file: string } {
  const folder = join(top, `${++folders}`);
  mkdirSync(folder, { mode: 0o755 });
  const file = join(folder, 'config.json');
  writeFileSync(file, '{}', { mode: 0o644 });
  chmodSync(file, 0o644);
  return { folder, file };
}

test('distrust() has nothing against what is only root’s, below a sticky folder too', { skip }, () => {
  assert.equal(distrust(place().file), undefined);
});

test('distrust() of a file that is somebody else’s, or that others may write to', { skip }, () => {
  const { file } = place();
  chownSync(file, 1234, 1234);
  assert.match(distrust(file) ?? '', new RegExp(`it belongs to user 1234.*: chown -h root ${file}$`));
  chownSync(file, 0, 1234);
  chmodSync(file, 0o664);
  assert.match(distrust(file) ?? '', new RegExp(`it is writable by group 1234.*: chmod g-w ${file}$`));
  chmodSync(file, 0o646);
  assert.match(distrust(file) ?? '', new RegExp(`it is writable by everyone.*: chmod go-w ${file}$`));
});

test('distrust() of a folder above it that is not root’s alone', { skip }, () => {
  const { folder, file } = place();
  chmodSync(folder, 0o777);
  assert.match(distrust(file) ?? '', new RegExp(`: ${folder} is writable by everyone`));
  chmodSync(folder, 0o755);
  chownSync(folder, 1234, 0);
  assert.match(distrust(file) ?? '', new RegExp(`: ${folder} belongs to user 1234`));
});

test('distrust() of a link that another may turn, and of what it leads to', { skip }, () => {
  const [{ file }, other] = [place(), place()];
  const link = join(other.folder, 'link.json');
  symlinkSync(file, link);
  assert.equal(distrust(link), undefined);
  chownSync(file, 1234, 0);
  assert.match(distrust(link) ?? '', new RegExp(`: ${file} belongs to user 1234`));
  chownSync(file, 0, 0);
  chmodSync(other.folder, 0o1777);
  assert.equal(distrust(link), undefined);
  rmSync(link);
  const strangers = join(other.folder, 'strangers.json');
  symlinkSync(file, strangers);
  lchownSync(strangers, 1234, 1234);
  assert.match(distrust(strangers) ?? '', /it belongs to user 1234/);
});

test('distrust() lets the user behind sudo own it, and that user’s own group write', { skip }, () => {
  const { folder, file } = place();
  for (const path of [folder, file]) chownSync(path, 1234, 1234);
  chmodSync(file, 0o664);
  process.env['SUDO_UID'] = '1234';
  process.env['SUDO_GID'] = '1234';
  assert.equal(distrust(file), undefined);
  process.env['SUDO_GID'] = '100'; // users: a group of many
  assert.match(distrust(file) ?? '', /is writable by group 1234/);
  process.env['SUDO_UID'] = '4321';
  assert.match(distrust(file) ?? '', /belongs to user 1234/);
});

test('loadConfig() as root does not run a program that is somebody else’s', { skip }, async () => {
  const { folder } = place();
  const [program, trace] = [join(folder, 'config.mjs'), join(folder, 'ran')];
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs'; writeFileSync('${trace}', ''); export default { providers: [] };`,
  );
  chownSync(program, 1234, 1234);
  const loaded = await loadConfig(program);
  assert.equal(loaded.ok, false);
  assert.match('message' in loaded ? loaded.message : '', /is not read as root: it belongs to user 1234/);
  assert.throws(() => chmodSync(trace, 0o644), /ENOENT/);
});
