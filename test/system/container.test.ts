/** The image of container/Dockerfile, run by podman as container/compose.yaml says, as the router of a lab. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '../../models/snapshot.ts';
import { loadConfig } from '../../src/config/load/load.ts';
import { type Outcome, run } from '../../src/kernel/exec.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { runInside } from '../../src/lab/namespace.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const compose = here('../../container/compose.yaml');
const name = `failover-${process.pid}`;
const volume = `${name}-state`;
let lab: Lab;
let folder = '';

/** podman in the router's network: to a container, that of its host. */
function podman(...args: readonly string[]): Promise<Outcome> {
  return runInside('router', [here('podman'), ...args], { timeoutMs: 60_000 });
}

async function must(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await podman(...args);
  assert.equal(code, 0, `podman ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const failover = (...args: readonly string[]): Promise<Outcome> => podman('exec', name, 'failover', ...args);

async function status(): Promise<Snapshot> {
  return JSON.parse((await failover('status', '--json')).stdout) as Snapshot; // our own command prints it
}

/** What the daemon printed. */
async function logs(): Promise<string> {
  const { stdout, stderr } = await podman('logs', name);
  return stdout + stderr;
}

/** test/run builds it, where there is a network to get packages from. `reason`: why there can be none here. */
async function image(): Promise<{ readonly made: string; readonly reason?: string }> {
  const built = process.env['FAILOVER_TEST_IMAGE'];
  if (built !== undefined) return { made: built };
  const { code, stdout, stderr } = await run(here('make-image'), [], { timeoutMs: 500_000 });
  if (code === 3) return { made: '', reason: stderr.trim() };
  assert.equal(code, 0, stderr);
  return { made: stdout.trim() };
}

const asList = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** What compose.yaml says as podman's options; podman-compose of Debian 12 does not know `network_mode: host`. */
async function options(): Promise<string[]> {
  const loaded = await loadConfig(compose);
  assert.ok(loaded.ok);
  const { services } = loaded.input as { services: { failover: Record<string, unknown> } }; // any other shape fails below
  const mounts: Readonly<Record<string, string>> = { './config': join(folder, 'config'), state: volume };
  const spell: Readonly<Record<string, (value: unknown) => string[]>> = {
    image: () => [],
    build: () => [],
    restart: (value) => ['--restart', String(value)],
    init: () => ['--init'],
    network_mode: (value) => ['--network', String(value)],
    cap_drop: (value) => asList(value).flatMap((each) => ['--cap-drop', each]),
    cap_add: (value) => asList(value).flatMap((each) => ['--cap-add', each]),
    security_opt: (value) => asList(value).flatMap((each) => ['--security-opt', each]),
    volumes: (value) =>
      asList(value).flatMap((each) => {
        const [from = '', to] = each.split(':');
        return ['-v', `${mounts[from] ?? assert.fail(`${each} is not known here`)}:${to}`];
      }),
  };
  return Object.entries(services.failover).flatMap(
    ([key, value]) =>
      spell[key]?.(value) ?? assert.fail(`compose.yaml says ${key}: the test must say it, too`),
  );
}

/** The default settings, but quicker. */
function config(settings = ''): string {
  return `import { defineConfig, ping } from '/etc/failover/models/config.ts';
export default defineConfig({
  checkInterval: '200ms', failbackDelay: '1s', minConsecutiveSucceededChecks: 2, ${settings}
  providers: [
    { id: 'fibre', interfaceName: 'eth1', gateway: '10.10.1.254' },
    { id: 'cable', interfaceName: 'eth2', gateway: '10.10.2.254' },
  ],
  testScenarios: [ping('1.1.1.1'), ping('8.8.8.8')],
});
`;
}

async function carries(id: string, device: string): Promise<void> {
  const asked = async (): Promise<boolean> =>
    (await status()).active[4][0] === id && (await lab.ip('route get 1.1.1.1')).includes(` dev ${device} `);
  try {
    await lab.waitFor(asked, { timeoutMs: 30_000, everyMs: 200, what: `traffic through ${id}` });
  } catch (cause) {
    throw new Error(`no traffic through ${id}; the container said:\n${await logs()}`, { cause });
  }
}

/** In the container's shell: the process that calls itself `failover run`. */
const daemonPid = '$(grep -ls "^failover run" /proc/[0-9]*/comm | cut -d / -f 3)';

const { made, reason } = await image();

describe('container/Dockerfile, run as container/compose.yaml says', { skip: reason ?? false }, () => {
  before(
    async () => {
      lab = await createLab({
        isps: [
          { name: 'fibre', device: 'eth1' },
          { name: 'cable', device: 'eth2' },
        ],
      });
      folder = await mkdtemp(join(tmpdir(), 'failover-container-'));
      await mkdir(join(folder, 'config'));
      await writeFile(join(folder, 'config', 'config.ts'), config());
      // crun refuses to look at control groups of both kinds at once. This world's mounts are its own.
      await run('umount', ['/sys/fs/cgroup/unified']);
      const limits = ['--cgroups', 'disabled', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
      await must(
        'run',
        '--detach',
        '--name',
        name,
        '--log-driver',
        'k8s-file',
        ...limits,
        ...(await options()),
        made,
      );
    },
    { timeout: 600_000 },
  );

  after(async () => {
    await podman('rm', '--force', '--time', '0', name);
    await podman('volume', 'rm', '--force', volume);
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('the container fails over between two ISPs, with two capabilities and nothing more', async () => {
    await carries('fibre', 'eth1');
    const process = await must('exec', name, 'sh', '-c', `cat /proc/${daemonPid}/status`);
    assert.match(process, /^CapBnd:\t0000000000003000$/m); // CAP_NET_ADMIN, CAP_NET_RAW
    assert.match(process, /^NoNewPrivs:\t1$/m);
    await lab.cut('fibre');
    await carries('cable', 'eth2');
    await lab.heal('fibre');
    await carries('fibre', 'eth1');
    assert.match(await logs(), /IPv4 moves from fibre to cable/);
  });

  test('the health check asks for the status', async () => {
    assert.equal((await podman('healthcheck', 'run', name)).code, 0);
    const stop = (signal: string): Promise<string> =>
      must('exec', name, 'sh', '-c', `kill -${signal} ${daemonPid}`);
    await stop('STOP');
    assert.equal((await podman('healthcheck', 'run', name)).code, 1, 'a daemon that hangs');
    await stop('CONT');
    assert.equal((await podman('healthcheck', 'run', name)).code, 0);
  });

  test('config.ts is reloaded when an editor on the host replaces it, and apply works in the container', async () => {
    const file = join(folder, 'config', 'config.ts');
    await writeFile(`${file}~`, config('startMetric: 300,'));
    await rename(`${file}~`, file);
    await lab.waitFor(async () => (await lab.ip('route show default')).includes('metric 300'), {
      timeoutMs: 15_000,
      what: 'the reload',
    });
    await writeFile(join(folder, 'config', 'config.trial.ts'), config('startMetric: 77,'));
    assert.equal((await failover('apply')).code, 0);
    assert.match(await lab.ip('route show default'), /metric 77/);
    const confirmed = await failover('confirm');
    assert.equal(confirmed.code, 0, confirmed.stderr);
    assert.equal((await status()).trial, undefined);
  });

  test('sticky.provider beside it overrides the checks', async () => {
    await writeFile(join(folder, 'config', 'sticky.provider'), 'cable\n');
    await carries('cable', 'eth2');
    assert.equal((await failover('unpin')).code, 0);
    await carries('fibre', 'eth1');
  });

  test('the container stops in order, its routes stand, and what it knew is there when it starts again', async () => {
    await must('stop', '--time', '10', name);
    assert.equal(await must('inspect', '--format', '{{.State.ExitCode}}', name), '0');
    assert.match(await logs(), /failover stopped: it got SIGTERM/);
    assert.match(await lab.ip('route show default proto 77'), /dev eth1/);
    await must('start', name);
    await carries('fibre', 'eth1');
    assert.match((await failover('history')).stdout, /IPv4 moves from fibre to cable/);
  });
});
