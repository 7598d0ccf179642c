/** Debian's own dockerd in the router: a port that it publishes answers through the line that was asked. */
import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import { runInside, startInside } from '../../src/lab/namespace.ts';
import { openScene } from './scene.ts';
import { strayPackets, watchStrays } from './strays.ts';
import { marked } from './streams.ts';

const folder = await mkdtemp(join(tmpdir(), 'failover-docker-'));
after(() => rm(folder, { recursive: true, force: true }));
const socket = `unix://${join(folder, 'docker.sock')}`;

const scene = await openScene({ config: (lab) => marked(lab), prepare: (lab) => watchStrays(lab) });
after(() => scene.close());
const { lab } = scene;

let output = '';
const dockerd = startInside('router', [
  ...['unshare', '--pid', '--fork', '--kill-child', '--mount', '--mount-proc'], // all of it ends with this
  ...['/usr/sbin/dockerd', '--host', socket, '--storage-driver', 'vfs', '--group', 'root'],
  ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
  ...['--pidfile', join(folder, 'pid'), '--userland-proxy=false'],
]);
for (const stream of [dockerd.stdout, dockerd.stderr])
  stream.on('data', (text) => {
    output = `${output}${text}`.slice(-3000);
  });
after(() => dockerd.kill('SIGKILL'));

/** @throws {Error} unless it ends with 0 */
async function docker(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runInside(
    'router',
    ['/usr/bin/docker', '--host', socket, ...words],
    {
      timeoutMs: 60_000,
    },
  );
  if (code !== 0) throw new Error(`docker ${words.join(' ')}: ${stderr}${output}`);
  return stdout.trim();
}

/** An image with a web server in it. */
async function makeImage(): Promise<void> {
  const root = join(folder, 'root');
  await mkdir(join(root, 'www'), { recursive: true });
  await copyFile('/bin/busybox', join(root, 'busybox'));
  await chmod(join(root, 'busybox'), 0o755);
  await writeFile(join(root, 'www/index.html'), 'published\n');
  assert.equal((await run('tar', ['-C', root, '-cf', join(folder, 'image.tar'), '.'])).code, 0);
  await docker('import', join(folder, 'image.tar'), 'web');
}

const asked = async (address: string): Promise<string> =>
  lab.run('internet', ['curl', '-s', '--max-time', '4', `http://${address}:8080/`]).catch(String);

test('a published port answers through either line, by the line that was asked', async () => {
  await scene.until(
    async () => (await docker('version').catch(() => '')) !== '',
    () => `dockerd (${output})`,
    60_000,
  );
  await makeImage();
  await docker(
    'run',
    '--detach',
    '--publish',
    '8080:80',
    'web',
    '/busybox',
    'httpd',
    '-f',
    '-p',
    '80',
    '-h',
    '/www',
  );
  const theirs = async (): Promise<string> =>
    (await lab.run('router', ['nft', '-s', 'list', 'ruleset'])).replace(
      /^table inet failover \{\n(?:.*\n)*?\}\n/m,
      '',
    );
  const loaded = await theirs();
  assert.match(loaded, /dnat to 172\.17\.0\.2:80|xt target "DNAT"/);
  const throughBoth = async (): Promise<void> => {
    for (const { ends } of lab.isps) {
      const address = ends[4]?.address ?? '';
      await scene.until(async () => (await asked(address)) === 'published\n', `an answer from ${address}`);
    }
  };
  await throughBoth();
  const ourTable = (): Promise<string> =>
    lab.run('router', ['nft', '-s', '-t', 'list', 'table', 'inet', 'failover']);
  const before = await ourTable();
  await lab.run('router', ['nft', 'flush', 'table', 'inet', 'failover']);
  // A connection that begins before it is back may be answered by another line.
  await scene.until(async () => (await ourTable()) === before, 'our table');
  await throughBoth();
  await lab.cut('fibre');
  await scene.carries('cable');
  await lab.heal('fibre');
  await throughBoth(); // fibre is the standby now
  await scene.calm();
  assert.deepEqual(await strayPackets(lab), { fibre: 0, cable: 0 });
  assert.equal(await theirs(), loaded);
});
