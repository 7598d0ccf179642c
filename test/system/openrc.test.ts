/** A machine that OpenRC runs: its own first process, its own service, no systemd. */
import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '../../models/snapshot.ts';
import { type Outcome, run, start } from '../../src/kernel/exec.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { download, Machine } from './machine.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const file = '/etc/failover/config.ts';
let lab: Lab;
let machine: Machine;
let folder = '';
let nspawn: ChildProcessWithoutNullStreams;
let leader = '';

/** Runs a line of shell in the machine; both its outputs come back in one. */
function sh(line: string): Promise<Outcome> {
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const enter = [
    '-t',
    leader,
    '-m',
    '-u',
    '-i',
    '-n',
    '-p',
    '-w',
    'env',
    '-i',
    path,
    'HOME=/root',
    'TERM=dumb',
  ];
  return run('nsenter', [...enter, 'sh', '-c', `exec 2>&1; ${line}`], { timeoutMs: 90_000 });
}

async function must(line: string): Promise<string> {
  const { code, stdout } = await sh(line);
  assert.equal(code, 0, `${line}: ${stdout}`);
  return stdout.trim();
}

async function made(program: string): Promise<string> {
  const { code, stdout, stderr } = await run(here(program), [], { timeoutMs: 500_000 });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

async function boot(): Promise<void> {
  const options = ['--quiet', '--register=no', '--keep-unit', '--capability=CAP_NET_ADMIN,CAP_NET_RAW'];
  const network = '--network-namespace-path=/run/netns/router';
  const words = [...options, network, '-D', machine.root, '/sbin/openrc-init'];
  nspawn = start('setpriv', ['--pdeathsig', 'KILL', 'systemd-nspawn', ...words], {
    env: { SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' },
  });
  for (const stream of [nspawn.stdout, nspawn.stderr]) stream.resume();
  await lab.waitFor(
    async () => {
      leader = (await readFile(`/proc/${nspawn.pid}/task/${nspawn.pid}/children`, 'utf8')).trim();
      return leader !== '' && (await sh('rc-status --runlevel')).stdout.trim() === 'default';
    },
    { timeoutMs: 60_000, everyMs: 200, what: 'the boot' },
  );
}

async function status(): Promise<Snapshot> {
  return JSON.parse(await must('failover status --json')) as Snapshot; // our own command prints it
}

async function carries(id: string): Promise<void> {
  try {
    await lab.waitFor(async () => (await status()).active[4][0] === id && (await exit()) === id, {
      timeoutMs: 60_000,
      everyMs: 200,
      what: `traffic through ${id}`,
    });
  } catch (cause) {
    const { stdout } = await sh('tail -n 20 /var/log/failover.log');
    throw new Error(`no traffic through ${id}; the log says:\n${stdout}`, { cause });
  }
}

async function exit(): Promise<string | undefined> {
  return / dev (\S+)/.exec(await lab.ip('route get 1.1.1.1'))?.[1];
}

/** Waits until another process does the work. */
async function replaced(pid: number): Promise<void> {
  await lab.waitFor(async () => (await status()).pid !== pid, {
    timeoutMs: 60_000,
    everyMs: 300,
    what: 'another daemon',
  });
}

before(
  async () => {
    const [root, layer] = [await made('make-root'), await made('make-openrc')];
    lab = await createLab({
      isps: [
        { name: 'fibre', device: 'eth1', ipv6: false },
        { name: 'cable', device: 'eth2', ipv6: false },
      ],
    });
    await lab.ip(
      'route replace default via 10.10.1.254 dev eth1 proto dhcp metric 200',
      'route replace default via 10.10.2.254 dev eth2 proto dhcp metric 201',
    );
    folder = await mkdtemp(join(tmpdir(), 'failover-openrc-'));
    machine = await Machine.make(folder, `${layer}:${root}`);
    await boot();
  },
  { timeout: 600_000 },
);

after(async () => {
  nspawn?.kill('SIGKILL');
  await run('umount', ['--lazy', machine.root]);
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});

test('install prints the command that makes a service of OpenRC, and it is one', async () => {
  const told = await must(`cd ${download} && ./install`);
  const [, command] =
    /systemd does not run this machine, so nothing was started\. Next: (cp \S+ \S+ && .*)$/m.exec(told) ?? [];
  assert.ok(command, told);
  await must(command);
  await carries('eth1'); // the ids are the devices' names
  assert.match(await must('rc-service failover status'), /status: started/);
  assert.match(await must('rc-update show default'), /failover/);
  await lab.cut('fibre');
  await carries('eth2');
  await lab.heal('fibre');
  await carries('eth1');
});

test('the service starts the daemon again when it crashes or hangs, and the routes stand meanwhile', async () => {
  const watch = await lab.watchRoutes();
  const { pid } = await status();
  await must(`kill -9 ${pid}`);
  await replaced(pid);
  await must(
    "mkdir -p /etc/conf.d; printf 'healthcheck_delay=1\\nhealthcheck_timer=2\\nretry=TERM/1/KILL/5\\n' > /etc/conf.d/failover",
  );
  await must('rc-service failover restart');
  const hung = (await status()).pid;
  await must(`kill -STOP ${hung}`);
  await replaced(hung);
  await must('rm /etc/conf.d/failover && rc-service failover restart');
  await carries('eth1');
  assert.equal((await watch.stop())[4].withoutDefaultMs, 0);
});

test('the service reloads; with a configuration that has mistakes it starts with the last one that worked, or not at all', async () => {
  const { pid } = await status();
  const reloads = async (): Promise<number> =>
    Number((await sh("grep -c 'configuration reloaded' /var/log/failover.log")).stdout);
  const count = await reloads();
  await must('rc-service failover reload');
  await lab.waitFor(async () => (await reloads()) > count, { what: 'the reload', everyMs: 200 });
  assert.equal((await status()).pid, pid);
  await must('rc-service failover stop');
  assert.match(await lab.ip('route show default proto 77'), /dev eth1/, 'routes stand');
  await must(`sed -i 's/interfaceName/interfaceNam/' ${file}`);
  await must('rc-service failover start');
  await carries('eth1');
  await must('rc-service failover stop && rm /var/lib/failover/last-config.json');
  const { code, stdout } = await sh('rc-service failover start');
  assert.notEqual(code, 0);
  assert.match(stdout, /interfaceNam: is not a setting/);
  await must(`sed -i 's/interfaceNam:/interfaceName:/' ${file} && rc-service failover start`);
  await carries('eth1');
});

test('the log is rotated while the daemon writes on', async () => {
  const log = '/var/log/failover.log';
  await must('logrotate --force /etc/logrotate.d/failover');
  assert.notEqual(await must(`cat ${log}.1`), '');
  await must('rc-service failover reload');
  await lab.waitFor(async () => (await must(`cat ${log}`)).includes('configuration reloaded'), {
    timeoutMs: 30_000,
    everyMs: 200,
    what: () => 'a line in the log that was emptied',
  });
  assert.equal(await must(`head -c 1 ${log} | od -An -c | grep -c '\\\\0' || :`), '0', 'the log has a hole');
});

test('the service starts with the machine', async () => {
  await sh('openrc-shutdown --poweroff now');
  await lab.waitFor(() => nspawn.exitCode !== null, { timeoutMs: 60_000, what: 'the end of the machine' });
  await boot();
  await carries('eth1');
});

test('uninstall ends the service and leaves nothing but the configuration', async () => {
  await must('failover uninstall');
  const { stdout } = await sh(
    "find / -xdev -iname '*failover*' -not -path '/opt/*' -not -path '/proc/*' -not -path '/run/openrc/*'; ls -A /etc/failover; pgrep -f '^(node|failover) '",
  );
  assert.equal(stdout.trim(), '/etc/failover\nconfig.ts');
  assert.equal((await lab.ip('route show table all proto 77')).trim(), '');
});
