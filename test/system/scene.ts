/** What every system test starts from: a lab with two ISPs, and a machine in it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '../../models/snapshot.ts';
import { run } from '../../src/kernel/exec.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { Machine } from './machine.ts';

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

  /** Builds and boots it. @throws {Error} with what `make-root` says is missing */
  static async open(): Promise<Scene> {
    const maker = fileURLToPath(new URL('make-root', import.meta.url));
    const { code, stdout, stderr } = await run(maker, [], { timeoutMs: 500_000 });
    if (code !== 0) throw new Error(stderr.trim());
    const lab = await createLab({
      isps: [
        { name: 'fibre', device: 'eth1', ipv6: false },
        { name: 'cable', device: 'eth2', ipv6: false },
      ],
    });
    const folder = await mkdtemp(join(tmpdir(), 'failover-system-'));
    const scene = new Scene(lab, await Machine.make(folder, stdout.trim()), folder);
    await scene.network();
    await scene.resetSettings();
    await scene.machine.boot();
    return scene;
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
      await machine.sh('for f in 4 6; do ip -$f rule; ip -$f route show table all; done'),
      await machine.sh(`for f in $(${settings} | sort); do echo "$f $(cat $f 2>/dev/null || :)"; done`),
      await machine.sh('systemctl list-unit-files --no-pager --plain | sort'),
    ].join('\n\n');
  }
}
