/** When `run` refuses to start: it says why and what to do, and leaves the routes as they are. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Outcome } from '../../src/kernel/exec.ts';
import { runInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';
import { openScene } from './scene.ts';

const scene = await openScene();
after(() => scene.close());
const { lab } = scene;
const config = join(lab.folder, 'config.json');
const routes = { 4: await scene.ours(4), 6: await scene.ours(6) };

/** `run`, until it ends by itself, with other words before it and other variables. */
function run(
  file: string,
  { before = [], env = {} }: { before?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const cli = nodeCommand('src/cli.ts');
  const command = [...before, ...cli, 'run', '--config', file];
  return runInside('router', command, { timeoutMs: 20_000, env: { ...lab.environment(), ...env } });
}

async function assertUntouched(): Promise<void> {
  assert.equal(await scene.ours(4), routes[4]);
  assert.equal(await scene.ours(6), routes[6]);
}

test('run() beside a running daemon names that one and ends with 1', async () => {
  const { code, stderr } = await run(config);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`another failover daemon is running \\(process ${scene.daemon.pid}\\)`));
  assert.equal((await scene.see()).pid, scene.daemon.pid, 'the first one goes on');
  await assertUntouched();
});

test('run() with a bad configuration ends with 78, also when one is running', async () => {
  const bad = join(lab.folder, 'bad.json');
  await writeFile(bad, JSON.stringify({ ...lab.config(), startMetrik: 5 }));
  const { code, stderr } = await run(bad);
  assert.equal(code, 78, stderr);
  assert.match(stderr, /startMetrik/);
  assert.match(stderr, /startMetric/);
  assert.equal((await run(join(lab.folder, 'absent.json'))).code, 78);
  await assertUntouched();
});

before(async () => {
  await mkdir(join(lab.folder, 'empty'));
});

test('run() refuses without rights, without ip and without its folder, and the routes of before stay', async () => {
  await scene.daemon.kill();
  const powerless = await run(config, {
    before: ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'],
  });
  assert.equal(powerless.code, 1, powerless.stderr);
  assert.match(powerless.stderr, /changing routes needs root \(or CAP_NET_ADMIN\): run it with sudo/);
  await assertUntouched();

  const toolless = await run(config, { before: ['env', `PATH=${join(lab.folder, 'empty')}`] });
  assert.equal(toolless.code, 1, toolless.stderr);
  assert.match(toolless.stderr, /\bip\b.*install iproute2/);
  assert.match(toolless.stderr, /routes stay as they are/);
  await assertUntouched();

  const homeless = await run(config, { env: { FAILOVER_RUNTIME_DIRECTORY: join(config, 'run') } });
  assert.equal(homeless.code, 1, homeless.stderr);
  assert.match(homeless.stderr, /cannot be used: .*set FAILOVER_RUNTIME_DIRECTORY/);
  await assertUntouched();
});

test('run() starts after the refusals: they left no lock behind', async () => {
  const daemon = await lab.daemon({ config });
  await daemon.line(/failover \S+ started/);
  await scene.carries('fibre');
  assert.equal((await scene.see()).pid, daemon.pid);
});
