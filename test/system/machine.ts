/** A Debian machine with a really booted systemd, in the network of a lab's router. */
import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Outcome, run, start } from '../../src/kernel/exec.ts';
import { type Waiting, waitFor } from '../../src/lab/wait-for.ts';
import { programStep } from '../../src/setup/file-steps.ts';
import { programParts } from '../../src/setup/manifest.ts';
import { neededPackages } from '../../src/setup/packages.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Where the copy of the program is that the machine's operator installs from. */
export const download = '/opt/download';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** One machine: a layer of its own on the cached root, gone with `folder`. */
export class Machine {
  readonly root: string; // its root, as this test sees it
  #process: ChildProcessWithoutNullStreams | undefined;
  #leader = '';
  #console = '';

  private constructor(root: string) {
    this.root = root;
  }

  /** Makes a machine in a folder, with a copy of the program as an operator has downloaded it. */
  static async make(folder: string, base: string): Promise<Machine> {
    const [root, upper, work] = ['root', 'upper', 'work'].map((name) => join(folder, name));
    for (const each of [root, upper, work]) await mkdir(each ?? '', { recursive: true });
    const layers = `lowerdir=${base},upperdir=${upper},workdir=${work}`;
    const mounted = await run('mount', ['-t', 'overlay', 'overlay', '-o', layers, root ?? '']);
    assert.equal(mounted.code, 0, mounted.stderr);
    const machine = new Machine(root ?? '');
    const lock: unknown = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8'));
    const present = programParts.filter((part) => !part.startsWith('node/'));
    const parts = [...present, 'config.ts', ...neededPackages(repository, lock)];
    await programStep(repository, join(machine.root, download), parts).act();
    await machine.write('/etc/hostname', 'gateway\n');
    return machine;
  }

  /**
   * Boots, and waits until systemd has started everything. `limits` (@default false): with control groups for memory and
   * tasks; of the old kind a container gets none by itself.
   */
  async boot({ limits = false } = {}): Promise<void> {
    const options = ['--quiet', '--register=no', '--keep-unit', '--capability=CAP_NET_ADMIN,CAP_NET_RAW'];
    const network = '--network-namespace-path=/run/netns/router';
    const kept = ['setpriv', '--pdeathsig', 'TERM'];
    const own = limits ? ['sh', '-c', ownGroups, 'sh'] : [];
    const nspawn = ['systemd-nspawn', ...options, network, '-b', '-D', this.root, ...kernelWords()];
    const [program = '', ...args] = [...kept, ...own, ...nspawn];
    // As on a machine of its own: settings of its network may be changed.
    const child = start(program, args, { env: { SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' } });
    this.#process = child;
    child.stdout.on('data', (text) => this.#log(text));
    child.stderr.on('data', (text) => this.#log(text));
    await this.until(() => this.#isUp(child.pid ?? 0), { timeoutMs: 60_000, what: 'the boot' });
    if (limits) await this.sh(useGroups);
  }

  /**
   * Takes away the name of this boot that nspawn lays over the kernel's. A service with a /proc of its own
   * (`ProtectProc`) sees the kernel's; on a real machine the two agree. Afterwards systemctl shows no journal.
   */
  async useKernelBootId(): Promise<void> {
    await this.run(['sh', '-c', 'while umount /proc/sys/kernel/random/boot_id; do :; done']);
  }

  /** Runs a command in the machine, as root. */
  run(command: readonly string[], timeoutMs = 60_000): Promise<Outcome> {
    const enter = ['-t', this.#leader, '-m', '-u', '-i', '-n', '-p', '-w'];
    const clean = ['env', '-i', `PATH=${path}`, 'HOME=/root', 'TERM=dumb', 'COLUMNS=200', ...command];
    return run('nsenter', [...enter, ...clean], { timeoutMs });
  }

  /** Runs a command in the machine while it is not booted, as in a container without systemd. */
  runUnbooted(command: readonly string[], timeoutMs = 60_000): Promise<Outcome> {
    const own = [
      'unshare',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      `--mount-proc=${join(this.root, 'proc')}`,
    ];
    const enter = ['--net=/run/netns/router', ...own, 'chroot', this.root];
    return run('nsenter', [...enter, 'env', '-i', `PATH=${path}`, 'HOME=/root', ...command], { timeoutMs });
  }

  /** Runs a line of shell in the machine and returns what it prints. @throws {Error} unless it ends with 0 */
  async sh(line: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(['sh', '-ec', line]);
    if (code !== 0) throw new Error(`"${line}" ended with ${code}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  /** What systemd says of one property of the unit. */
  async unit(property: string): Promise<string> {
    return this.sh(`systemctl show --value -p ${property} failover`);
  }

  /** Writes a file of the machine, from outside. */
  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.root, file), text);
  }

  /** Polls; what the machine said last is in the error. */
  until<T>(question: () => Promise<T | undefined | false>, waiting: Waiting): Promise<T> {
    const { what = 'it' } = waiting;
    const told = () => `${typeof what === 'string' ? what : what()} (console: ${this.#console.slice(-500)})`;
    return waitFor(question, { timeoutMs: 20_000, everyMs: 100, ...waiting, what: told });
  }

  /** Shuts down in order, as `poweroff` does. */
  async shutDown(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    await this.run(['systemctl', 'poweroff', '--no-block']);
    const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(late);
    this.#process = undefined;
  }

  /** Shuts down, whatever state it is in, and lets go of its files. */
  async close(): Promise<void> {
    await this.shutDown().catch(() => this.#process?.kill('SIGKILL'));
    await run('umount', ['--lazy', this.root]);
    await run('sh', ['-c', removeGroups]);
  }

  async #isUp(nspawn: number): Promise<boolean> {
    const children = await readFile(`/proc/${nspawn}/task/${nspawn}/children`, 'utf8');
    this.#leader = children.trim().split(' ')[0] ?? '';
    if (this.#leader === '') return false;
    const { stdout } = await this.run(['systemctl', 'is-system-running']);
    return ['running', 'degraded'].includes(stdout.trim());
  }

  #log(text: unknown): void {
    this.#console = `${this.#console}${text}`.slice(-4000);
  }
}

/** Starts a program in groups of its own, where control groups are of the old kind. */
const ownGroups = `for name in memory pids; do
  group=/sys/fs/cgroup/$name$(sed -n "s/^[0-9]*:$name://p" /proc/self/cgroup)/failover-test
  [ ! -d /sys/fs/cgroup/$name ] || { mkdir -p "$group" && echo $$ > "$group/cgroup.procs"; }
done
exec "$@"`;

const removeGroups = `for name in memory pids; do
  group=/sys/fs/cgroup/$name$(sed -n "s/^[0-9]*:$name://p" /proc/self/cgroup)/failover-test
  [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} ";"
done`;

/** Inside: gives systemd those groups, which nspawn has closed. */
const useGroups = `[ -d /sys/fs/cgroup/memory ] || exit 0
for name in memory pids; do mount -o remount,rw,bind /sys/fs/cgroup/$name; done
systemctl daemon-reexec`;

/** What a newer systemd wants to read on the kernel's command line, where this machine has control groups of old. */
function kernelWords(): readonly string[] {
  const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  return isUnified ? [] : ['SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1', 'systemd.unified_cgroup_hierarchy=0'];
}
