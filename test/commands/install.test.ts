import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type InstallOptions, install } from '../../src/commands/install.ts';
import { run } from '../../src/kernel/exec.ts';
import { programFolder } from '../../src/process/program.ts';
import { findInstalled } from '../../src/setup/removal/installed.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'failover-install-'));
  mkdirSync(join(root, 'etc'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const config = `import { defineConfig, ping } from './models/config.ts';
export default defineConfig({
  providers: [{ id: 'a', interfaceName: 'eth77', rtTableId: 177, rtTableName: 'line-a' }],
  testScenarios: [ping('1.1.1.1')],
});
`;

const commands = [{ name: 'status', summary: 'how it stands', operands: [], options: [] }];

const at = (path: string): string => join(root, path);

function write(path: string, text: string): string {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), text);
  return at(path);
}

/** Installs below `root`, and returns the exit status and everything that was told. */
async function installed(options: InstallOptions = {}): Promise<{ code: number; told: string }> {
  const lines: string[] = [];
  const say = (text: string): void => {
    lines.push(text);
  };
  const code = await install({ prefix: root, print: say, complain: say, ...options }, commands);
  return { code, told: lines.join('\n') };
}

test('install() --prefix puts the manifest below a folder, and the second time nothing', async () => {
  const given = write('given.ts', config);
  const first = await installed({ config: given });
  assert.equal(first.code, 0, first.told);
  assert.match(first.told, /nothing was started/);
  assert.equal(readFileSync(at('etc/failover/config.ts'), 'utf8'), config);
  assert.match(readFileSync(at('etc/iproute2/rt_tables.d/failover.conf'), 'utf8'), /^177\tline-a$/m);
  assert.match(readFileSync(at('etc/systemd/system/failover.service'), 'utf8'), /^Type=notify$/m);
  assert.ok(existsSync(at('etc/failover/node_modules/tsx')));
  assert.ok(existsSync(at('etc/failover/node_modules/.failover/src/cli.mjs')));
  assert.ok(!existsSync(at('etc/failover/node_modules/typescript')));
  const second = await installed();
  assert.match(second.told, /keeping .*config\.ts\n(- not using .*\n)*There was nothing to do/);
});

test('install() puts in place what others can read, whatever the umask', async (t) => {
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  const machine = at('machine');
  const { code, told } = await installed({ prefix: machine, config: write('given.ts', config) });
  assert.equal(code, 0, told);
  const secrets = join(machine, 'etc/failover/secrets'); // root's alone
  const notSecret = ['!', '-path', secrets];
  const { stdout } = await run('find', [machine, ...notSecret, '!', '-type', 'l', '!', '-perm', '-a+r']);
  assert.equal(stdout, '');
  assert.equal((await run('find', [machine, ...notSecret, '-type', 'd', '!', '-perm', '755'])).stdout, '');
  assert.equal((await run('find', [secrets, '-perm', '700'])).stdout, `${secrets}\n`);
});

test('install() --dry-run tells every file with its content, and writes none', async () => {
  const { told } = await installed({ config: write('given.ts', config), dryRun: true });
  assert.match(told, /copy the program/);
  assert.match(told, /\| 177\tline-a/);
  assert.match(told, /\| ExecStart=\/etc\/failover\/failover run/);
  assert.deepEqual(readdirSync(at('etc')), []);
});

test('install() refuses a configuration with mistakes by its own name, and writes nothing', async () => {
  const given = write('given.ts', config.replace('interfaceName', 'interfaceNam'));
  const { code, told } = await installed({ config: given });
  assert.equal(code, 78);
  assert.ok(told.includes(`${given} has mistakes`), told);
  assert.match(told, /did you mean interfaceName\?/);
  assert.deepEqual(readdirSync(at('etc')), []);
});

test('install() refuses a file that cannot be a configuration', async () => {
  const { code, told } = await installed({ config: write('given.txt', '') });
  assert.equal(code, 1);
  assert.match(told, /its name must end like one of config\.ts/);
  const missing = await installed({ config: at('missing.ts') });
  assert.match(missing.told, /named by --config cannot be read: ENOENT.*missing\.ts/);
});

test('install() refuses tables that others use', async () => {
  write('etc/iproute2/rt_tables', '177 vpn\n');
  const { code, told } = await installed({ config: write('given.ts', config) });
  assert.equal(code, 1);
  assert.match(told, /table 177 is used by someone else/);
  assert.ok(!existsSync(at('etc/failover')));
});

test('install() --config keeps what it replaces beside it', async () => {
  const earlier = config.replace('1.1.1.1', '9.9.9.9');
  write('etc/failover/config.ts', earlier);
  assert.equal((await installed({ config: write('given.ts', config) })).code, 0);
  assert.equal(readFileSync(at('etc/failover/config.ts'), 'utf8'), config);
  assert.equal(readFileSync(at('etc/failover/config.ts.before'), 'utf8'), earlier);
});

test('install() names what it does not use, and why', async () => {
  const { told } = await installed({ dryRun: true });
  assert.match(
    told,
    /^- not using \S+\/config\.ts: this machine has no \S.* \(--config \S+ uses it anyway\)$/m,
  );
  write('etc/failover/config.ts', config);
  write('etc/failover/config.yaml', '');
  const kept = await installed({ dryRun: true });
  assert.match(kept.told, /^- keeping \S+\/etc\/failover\/config\.ts$/m);
  assert.match(kept.told, /^- not using \S+\/etc\/failover\/config\.yaml: config\.ts comes first$/m);
  assert.match(kept.told, /^- not using \S+\/config\.ts: \S+ is in place \(--config \S+ replaces it\)$/m);
});

test('install() takes a --config that imports from where it will be, and refuses one that imports from a copy', async () => {
  const from = (place: string) => config.replace('./models/config.ts', place);
  const good = await installed({
    config: write('good.ts', from('/etc/failover/models/config.ts')),
    dryRun: true,
  });
  assert.equal(good.code, 0, good.told);
  const copy = await installed({ config: write('copy.ts', from(join(programFolder, 'models/config.ts'))) });
  assert.equal(copy.code, 78);
  assert.match(
    copy.told,
    /copy\.ts imports from \S+, which is only the copy .* import from '\.\/models\/config\.ts' instead/,
  );
  const lost = await installed({ config: write('lost.ts', from('./model/config.ts')) });
  assert.match(
    lost.told,
    /imports what is not there .* import \{ defineConfig, ping \} from '\.\/models\/config\.ts'/,
  );
  assert.deepEqual(readdirSync(at('etc')), []);
});

test('install() says which version it replaces', async () => {
  write('etc/failover/config.ts', config);
  write('etc/failover/package.json', '{ "version": "0.0.9" }');
  assert.match((await installed({ dryRun: true })).told, /^- upgrading failover: 0\.0\.9 → \d+\.\d+\.\d+/m);
  write('etc/failover/package.json', '{ "version": ');
  assert.doesNotMatch((await installed({ dryRun: true })).told, /upgrading/);
});

test('install() copies what runs, not what only development needs', async () => {
  assert.equal((await installed({ config: write('given.ts', config) })).code, 0);
  const { stdout } = await run('du', ['-sm', at('etc/failover')]);
  assert.ok(Number.parseInt(stdout, 10) < 40, stdout);
  const { dependencies } = JSON.parse(readFileSync(at('etc/failover/package.json'), 'utf8'));
  const load = Object.keys(dependencies).map((name) => `await import('${name}');`);
  writeFileSync(
    at('etc/failover/load.mjs'),
    `${load.join('\n')}\n(await import('koffi')).load('libc.so.6');\n`,
  );
  const loaded = await run(process.execPath, [at('etc/failover/load.mjs')], { timeoutMs: 60_000 });
  assert.equal(loaded.code, 0, loaded.stderr);
  const answer = await run(at('etc/failover/failover'), ['check', at('etc/failover/config.ts')], {
    timeoutMs: 60_000,
  });
  assert.match(answer.stdout, /config\.ts is valid\.\n$/, answer.stderr);
});

test('install() finds a configuration that an uninstall left without its program', async () => {
  write('etc/failover/config.ts', config);
  const { code, told } = await installed();
  assert.equal(code, 0, told);
  assert.equal(readFileSync(at('etc/failover/config.ts'), 'utf8'), config);
});

test('findInstalled() takes everything away but the configuration, and with purge that, too', async () => {
  await installed({ config: write('given.ts', config) });
  write('etc/failover/sticky.provider', 'a\n');
  for (const { undo } of findInstalled({ root })) await undo();
  assert.deepEqual(readdirSync(at('etc/failover')), ['config.ts']);
  assert.ok(!existsSync(at('usr/local/bin/failover')));
  assert.ok(!existsSync(at('etc/iproute2')));
  for (const { undo } of findInstalled({ root, purge: true })) await undo();
  assert.ok(!existsSync(at('etc/failover')));
  assert.deepEqual(findInstalled({ root }), []);
});

test('findInstalled() leaves a command of that name that is not ours, and a checkout with its history', async () => {
  write('usr/local/bin/failover', '#!/bin/sh\n');
  write('etc/failover/.git/HEAD', 'ref: refs/heads/main\n');
  write('etc/failover/src/mine.ts', '');
  assert.deepEqual(findInstalled({ root, purge: true }), []);
});
