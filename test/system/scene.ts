/** What every system test starts from: a lab with two ISPs, and a machine in it. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '../../models/snapshot.ts';
import { run } from '../../src/kernel/exec.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { Machine } from './machine.ts';

// Says something every 20 ms through an ssh session, and tells the longest time without an answer.
const sessionClient = `
const ssh = require('child_process').spawn('ssh', [...process.argv.slice(1), 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
let last, longest = 0;
ssh.stdout.on('data', () => {
  if (last === undefined) console.log('open');
  else longest = Math.max(longest, performance.now() - last);
  last = performance.now();
});
ssh.on('close', () => process.exit(1));
setInterval(() => ssh.stdin.write('x'), 20);
process.stdin.resume().on('end', () => {
  longest = Math.max(longest, performance.now() - last);
  console.log('longest', Math.round(longest));
  process.exit();
});`;

/** A lab with a booted machine as its router, that has a default route through each ISP from a DHCP client. */
export class Scene {
  readonly lab: Lab;
  readonly machine: Machine;
  readonly #folder: string;

  private constructor(lab: Lab, machine: Machine, folder: string) {
    this.lab = lab;
    this.machine = machine;
    this.#folder = folder;
  }

  /**
   * Builds and boots it. `boot` @default true, `limits`: see `Machine.boot`, `suite`: see `make-root`, `ipv6` (@default
   * false): the ISPs have it. @throws {Error} with what `make-root` says is missing
   */
  static async open({ boot = true, limits = false, suite = '', ipv6 = false } = {}): Promise<Scene> {
    const maker = fileURLToPath(new URL('make-root', import.meta.url));
    const env = { FAILOVER_TEST_SUITE: process.env['FAILOVER_TEST_SUITE'] || suite };
    const { code, stdout, stderr } = await run(maker, [], { timeoutMs: 500_000, env });
    if (code !== 0) throw new Error(stderr.trim());
    const family = ipv6 ? {} : { ipv6: false as const };
    const lab = await createLab({
      isps: [
        { name: 'fibre', device: 'eth1', ...family },
        { name: 'cable', device: 'eth2', ...family },
      ],
    });
    const folder = await mkdtemp(join(tmpdir(), 'failover-system-'));
    try {
      const scene = new Scene(lab, await Machine.make(folder, stdout.trim()), folder);
      await scene.#admit();
      await scene.network();
      await scene.resetSettings();
      if (boot) await scene.machine.boot({ limits });
      return scene;
    } catch (error) {
      await lab.close(); // it would keep this process
      throw error;
    }
  }

  /** Lets us in by ssh. */
  async #admit(): Promise<void> {
    const key = join(this.#folder, 'key');
    const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    if (made.code !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
    await mkdir(join(this.machine.root, 'root/.ssh'), { mode: 0o700, recursive: true });
    await this.machine.write('/root/.ssh/authorized_keys', await readFile(`${key}.pub`, 'utf8'));
  }

  /** The default routes that a DHCP client would put there. */
  async network(): Promise<void> {
    await this.lab.ip(
      'route replace default via 10.10.1.254 dev eth1 proto dhcp metric 200',
      'route replace default via 10.10.2.254 dev eth2 proto dhcp metric 201',
    );
  }

  /** Settings as the kernel has them after power-on; the router's network outlives the machine's reboots. */
  async resetSettings(): Promise<void> {
    const set = (path: string, value: string) =>
      this.lab.run('router', ['tee', `/proc/sys/net/${path}`], value);
    await set('ipv4/ping_group_range', '1 0');
    for (const device of ['eth1', 'eth2'])
      for (const family of ['ipv4', 'ipv6'])
        await set(`${family}/conf/${device}/ignore_routes_with_linkdown`, '0');
  }

  async close(): Promise<void> {
    await this.machine.close();
    await this.lab.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Runs a line of shell in the machine as root, over ssh from the internet. */
  async ssh(line: string): Promise<{ readonly code: number | null; readonly told: string }> {
    const child = startInside('internet', ['ssh', ...this.#sshWords(), line]);
    let told = '';
    const hear = (text: unknown): void => {
      told += text;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.stdin.end();
    await this.machine.until(async () => child.exitCode !== null, { timeoutMs: 90_000, what: `ssh ${line}` });
    return { code: child.exitCode, told };
  }

  /**
   * Opens an ssh session from the internet that says something every 20 ms. The returned function ends it, and resolves
   * with the longest time without an answer, in ms.
   */
  async session(): Promise<() => Promise<number>> {
    const client = startInside('internet', [
      process.execPath,
      '-e',
      sessionClient,
      '--',
      ...this.#sshWords(),
    ]);
    let told = '';
    client.stdout.on('data', (text) => {
      told += text;
    });
    client.stderr.on('data', (text) => {
      told += text;
    });
    await this.machine.until(async () => told.includes('open'), { what: () => `the session (${told})` });
    return async () => {
      client.stdin.end();
      await this.machine.until(async () => client.exitCode !== null, { what: 'the end of the session' });
      const longest = /longest (\d+)/.exec(told)?.[1];
      if (longest === undefined) throw new Error(`the session broke: ${told}`);
      return Number(longest);
    };
  }

  #sshWords(): readonly string[] {
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
    ];
    const key = join(this.#folder, 'key');
    return ['-F', 'none', '-i', key, ...options.flatMap((option) => ['-o', option]), 'root@10.10.1.1'];
  }

  /** What the daemon in the machine says of itself. */
  async status(): Promise<Snapshot> {
    return JSON.parse(await this.machine.sh('failover status --json')) as Snapshot; // our own command prints it
  }

  /** Waits until IPv4 goes through a provider, by the daemon's word and by the kernel's. */
  async carries(id: string, device: string, timeoutMs = 20_000): Promise<void> {
    await this.machine.until(
      async () => (await this.status()).active[4][0] === id && (await this.exit()) === device,
      { timeoutMs, what: `traffic through ${id}` },
    );
  }

  /** The device that traffic to the internet leaves by now. */
  async exit(): Promise<string | undefined> {
    return / dev (\S+)/.exec(await this.lab.ip('route get 1.1.1.1'))?.[1];
  }

  /** Our own default routes in `main`, one per line. */
  async ownDefaults(): Promise<string> {
    return (await this.lab.run('router', ['ip', '-4', 'route', 'show', 'default', 'proto', '77'])).trim();
  }

  /** Waits until the unit is in a state, `active`, `failed`, … */
  async becomes(state: string, timeoutMs = 30_000): Promise<void> {
    let last = '';
    await this.machine.until(
      async () => {
        last = await this.machine.unit('ActiveState');
        return last === state;
      },
      { timeoutMs, what: () => `the unit being ${state} (it is ${last})` },
    );
  }

  /** Everything an uninstall has to leave as it was: the whole root, the network, its settings, systemd's units. */
  async listing(): Promise<string> {
    const { machine } = this;
    const volatile = [
      'proc',
      'sys',
      'dev',
      'run',
      'tmp',
      'var/log',
      'var/tmp',
      'var/lib/systemd',
      'opt/download',
    ];
    const prune = volatile.map((name) => `-path /${name}`).join(' -o ');
    const files = `find / -xdev \\( ${prune} \\) -prune -o -printf '%y %m %u:%g %p -> %l\\n'`;
    const left =
      "find /run /tmp /var/tmp /var/log /var/lib/systemd /dev -iname '*failover*' -not -path '*/units/*'";
    const settings = "find /proc/sys/net -type f -path '*/ip*/conf/*' -o -name ping_group_range";
    return [
      await machine.sh(`${files} | sort`),
      await machine.sh('find /etc -type f | sort | xargs md5sum'),
      await machine.sh(left),
      await machine.sh('ls /tmp | grep -v ^systemd-private || :'),
      await machine.sh('for f in 4 6; do ip -$f rule; ip -$f route show table all; done; ip nexthop'),
      await machine.sh('nft list ruleset'),
      await machine.sh(`for f in $(${settings} | sort); do echo "$f $(cat $f 2>/dev/null || :)"; done`),
      await machine.sh('systemctl list-unit-files --no-pager --plain | sort'),
    ].join('\n\n');
  }
}
