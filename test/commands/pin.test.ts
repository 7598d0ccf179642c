import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseSticky } from '../../models/sticky.ts';
import { pin } from '../../src/commands/pin.ts';
import { unpin } from '../../src/commands/unpin.ts';
import { run } from '../../src/kernel/exec.ts';
import { exampleSnapshot, fibre, lte } from '../report/example.ts';
import { listener, withDaemon } from './daemon.ts';

const root = mkdtempSync('/tmp/pin-');
after(() => rmSync(root, { recursive: true }));
let made = 0;

/** A folder with a configuration of fibre, lte and old, which is not enabled. */
function place(changes: object = {}): { config: string; sticky: string; folder: string } {
  made += 1;
  const folder = join(root, String(made));
  mkdirSync(folder);
  const config = join(folder, 'config.json');
  const providers = [
    { id: 'fibre', interfaceName: 'eth1' },
    { id: 'lte', interfaceName: 'wwan0' },
    { id: 'old', interfaceName: 'eth3', enabled: false },
  ];
  writeFileSync(config, JSON.stringify({ providers, ...changes }));
  return { config, sticky: join(folder, 'sticky.provider'), folder };
}

const alone = <T>(work: () => Promise<T>): Promise<T> => withDaemon(undefined, work);
const asRoot = { skip: process.geteuid?.() === 0 ? false : 'only root can give files away; run as root' };

describe('pin()', () => {
  test('writes the id, and says when it takes effect', async () => {
    const { config, sticky, folder } = place();
    const { options, out } = listener();
    assert.equal(await alone(() => pin('lte', { ...options, config })), 0);
    assert.equal(readFileSync(sticky, 'utf8'), 'lte\n');
    assert.equal(statSync(sticky).mode & 0o777, 0o644);
    assert.match(
      out.join('\n'),
      /^Pinned to lte until "failover unpin" \(.*sticky\.provider\)\.\nNo daemon answered/,
    );
    assert.deepEqual(readdirSync(folder).sort(), ['config.json', 'sticky.provider']);
  });

  for (const [span, ms] of [
    ['2h', 7_200_000],
    ['90', 90_000],
    ['30s', 30_000],
  ] as const) {
    test(`ends a pin after ${span}`, async () => {
      const { config, sticky } = place();
      const before = Date.now();
      const { options, out } = listener();
      assert.equal(await alone(() => pin('lte', { ...options, config, for: span, json: true })), 0);
      const reading = parseSticky(readFileSync(sticky, 'utf8'));
      assert.ok('sticky' in reading && reading.sticky?.until !== undefined);
      assert.ok(reading.sticky.until >= before + ms && reading.sticky.until <= Date.now() + ms);
      const told = JSON.parse(out.join('\n'));
      assert.deepEqual(told, {
        ok: true,
        id: 'lte',
        until: reading.sticky.until,
        file: sticky,
        daemon: false,
      });
    });
  }

  test('obeys while the daemon runs and its configuration file is broken', async () => {
    const { config, sticky } = place();
    writeFileSync(config, '{ broken');
    const { options, out, err } = listener();
    const off = { ...lte, path: 'old/4', provider: 'old', role: 'disabled' } as const;
    const snapshot = () =>
      exampleSnapshot({ configFile: config, stickyFile: sticky, paths: [fibre, lte, off] });
    assert.equal(await withDaemon({ snapshot }, () => pin('lte', options)), 0);
    assert.equal(readFileSync(sticky, 'utf8'), 'lte\n');
    assert.doesNotMatch(out.join('\n'), /No daemon/);
    assert.equal(await withDaemon({ snapshot }, () => pin('old', options)), 1);
    assert.match(err.join('\n'), /enabled: false/);
    assert.equal(await withDaemon({ snapshot }, () => unpin(options)), 0);
    assert.equal(readFileSync(sticky, 'utf8'), '');
    assert.equal(await withDaemon({ snapshot }, () => pin('lte', { ...options, config })), 78);
  });

  test('follows stickyProviderFilename', async () => {
    const { config, folder } = place({ stickyProviderFilename: 'here.instead' });
    assert.equal(await alone(() => pin('lte', { ...listener().options, config })), 0);
    assert.equal(readFileSync(join(folder, 'here.instead'), 'utf8'), 'lte\n');
  });

  test('keeps mode, owner and symbolic link of the file', asRoot, async () => {
    const { config, sticky, folder } = place();
    const real = join(folder, 'real');
    writeFileSync(real, 'fibre\n');
    chmodSync(real, 0o660);
    chownSync(real, 65534, 1);
    symlinkSync(real, sticky);
    assert.equal(await alone(() => pin('lte', { ...listener().options, config })), 0);
    assert.ok(lstatSync(sticky).isSymbolicLink());
    const { mode, uid, gid } = statSync(real);
    assert.deepEqual([mode & 0o777, uid, gid], [0o660, 65534, 1]);
    assert.equal(readFileSync(real, 'utf8'), 'lte\n');
  });

  test('never shows a reader half a pin', async () => {
    const { config, sticky } = place();
    writeFileSync(sticky, 'fibre\n');
    let done = false;
    const writing = alone(async () => {
      for (const id of ['lte', 'fibre', 'lte', 'fibre', 'lte'])
        await pin(id, { ...listener().options, config });
      done = true;
    });
    const seen = new Set<string>();
    while (!done) {
      seen.add(readFileSync(sticky, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    assert.deepEqual(
      [...seen].filter((text) => text !== 'lte\n' && text !== 'fibre\n'),
      [],
    );
  });

  for (const [id, problem] of [
    ['lt', /no provider has the id "lt"; did you mean "lte"\? There are: fibre, lte, old/],
    ['satellite', /no provider has the id "satellite"\. There are: fibre, lte, old/],
    ['old', /old cannot be pinned: .*'enabled: false'/],
  ] as const) {
    test(`refuses ${id}`, async () => {
      const { config, sticky } = place();
      const { options, err } = listener();
      assert.equal(await alone(() => pin(id, { ...options, config })), 1);
      assert.match(err.join('\n'), problem);
      assert.equal(existsSync(sticky), false);
    });
  }

  for (const span of ['soon', '0', '-5', '0s', '400d', '', '1e9']) {
    test(`refuses to pin for '${span}'`, async () => {
      const { config, sticky } = place();
      const { options, err } = listener();
      assert.equal(await alone(() => pin('lte', { ...options, config, for: span })), 1);
      assert.match(err.join('\n'), /--for must be a length of time such as "2h"/);
      assert.equal(existsSync(sticky), false);
    });
  }

  test('ends with 78 for a configuration that cannot be used', async () => {
    const { config } = place({ checkIntervall: 1 });
    const { options, err } = listener();
    assert.equal(await alone(() => pin('lte', { ...options, config })), 78);
    assert.match(err.join('\n'), /has mistakes; correct them first:\n {2}checkIntervall: /);
    assert.equal(await alone(() => pin('lte', { ...options, config: join(root, 'none.ts') })), 78);
    assert.match(err.join('\n'), /none\.ts does not exist/);
  });

  test('says what is in the way', async () => {
    const blocked = place();
    mkdirSync(blocked.sticky);
    const { options, err } = listener();
    assert.equal(await alone(() => pin('lte', { ...options, config: blocked.config })), 1);
    assert.match(err.join('\n'), /sticky\.provider cannot be written: it is not a regular file/);
    const { config } = place({ stickyProviderFilename: '/no-such-folder/sticky.provider' });
    assert.equal(await alone(() => pin('lte', { ...options, config })), 1);
    assert.match(err.join('\n'), /the folder \/no-such-folder does not exist; create it/);
  });

  test('says so when it is not permitted', asRoot, async () => {
    const { config, folder } = place();
    chmodSync(root, 0o755);
    chmodSync(folder, 0o755);
    const code = `
      process.setgid(65534); process.setgroups([]); process.setuid(65534);
      import(${JSON.stringify(join(import.meta.dirname, '../../src/commands/pin.ts'))})
        .then(({ pin }) => pin('lte', { config: ${JSON.stringify(config)} }))
        .then((code) => { process.exitCode = code; });`;
    const { code: status, stderr } = await run(process.execPath, ['--import', 'tsx', '-e', code], {
      timeoutMs: 30_000,
    });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /cannot be written: you may not write in .*; run the command with sudo/);
  });
});

describe('unpin()', () => {
  test('empties the file', async () => {
    const { config, sticky } = place();
    writeFileSync(sticky, 'lte\n');
    const { options, out } = listener();
    assert.equal(await alone(() => unpin({ ...options, config })), 0);
    assert.equal(readFileSync(sticky, 'utf8'), '');
    assert.match(out.join('\n'), /^No provider is pinned now/);
  });

  test('does nothing when nobody is pinned', async () => {
    const { config, sticky } = place();
    const { options, out } = listener();
    assert.equal(await alone(() => unpin({ ...options, config })), 0);
    assert.equal(existsSync(sticky), false);
    assert.equal(await alone(() => unpin({ ...options, config, json: true })), 0);
    assert.match(out[0] ?? '', /^No provider was pinned/);
    assert.deepEqual(JSON.parse(out[1] ?? ''), { ok: true, file: sticky, wasPinned: false });
  });

  test('ends with 78 for a configuration that cannot be used', async () => {
    const { options, err } = listener();
    assert.equal(await alone(() => unpin({ ...options, config: join(root, 'none.ts') })), 78);
    assert.match(err.join('\n'), /none\.ts does not exist/);
  });
});
