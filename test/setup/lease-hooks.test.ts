import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import { leaseHookRemovals, leaseHookSteps } from '../../src/setup/lease-hooks.ts';
import { pending, perform } from '../../src/setup/step.ts';
import { until } from '../support/until.ts';

const source = new URL('../..', import.meta.url).pathname;
const scripts = join(source, 'src/setup/lease-hooks');
const folder = mkdtempSync('/tmp/lease-hooks-');
after(() => rmSync(folder, { recursive: true }));

test('the scripts are POSIX sh without anything that shellcheck knows to be wrong', async () => {
  for (const name of readdirSync(scripts)) {
    const { stdout, code } = await run('shellcheck', ['--shell=sh', '--severity=style', join(scripts, name)]);
    assert.equal(code, 0, `${name}: ${stdout}`);
  }
});

/** A machine with the scripts in place, and a `failover` that does what it is made of. */
class Machine {
  readonly root: string;
  readonly #log: string;

  constructor(name: string, failover: string | undefined) {
    this.root = join(folder, name);
    this.#log = join(this.root, 'log');
    const home = join(this.root, 'home');
    mkdirSync(join(home, 'src/setup/lease-hooks'), { recursive: true });
    writeFileSync(this.#log, '');
    if (failover !== undefined)
      this.#program(join(home, 'failover'), `#!/bin/sh\nlog=${this.#log}\n${failover}\n`);
    this.#program(join(home, 'src/setup/lease-hooks/report'), readFileSync(join(scripts, 'report'), 'utf8'));
    this.#program(join(this.root, 'default.script'), '#!/bin/sh\nexit 3\n');
  }

  /** Puts a script where its program would look for it. */
  place(script: string, path: string): string {
    const text = readFileSync(join(scripts, script), 'utf8')
      .replaceAll('/etc/failover', join(this.root, 'home'))
      .replaceAll('/etc/udhcpc', this.root);
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    this.#program(file, text);
    return file;
  }

  /** Runs it as a program gives it variables and arguments; returns its exit status and how long it took. */
  async call(
    file: string,
    variables: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly ms: number; readonly said: string }> {
    const isSourced = !readFileSync(file, 'utf8').startsWith('#!');
    const words = isSourced ? ['sh', '-euc', `. ${file}`] : [file, ...args];
    const from = performance.now();
    const env = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const { code, stdout, stderr } = await run('env', [
      '-i',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      ...env,
      ...words,
    ]);
    return { code, ms: performance.now() - from, said: stdout + stderr };
  }

  get log(): readonly string[] {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  }

  async heard(expected: readonly string[]): Promise<void> {
    await until(
      () => this.log.length >= expected.length,
      () => `${expected.join('; ')} (found ${this.log.join('; ')})`,
    );
    assert.deepEqual(this.log, expected);
    writeFileSync(this.#log, '');
  }

  #program(path: string, text: string): void {
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }
}

const recording = 'echo "$*" >>"$log"';
const expiry = String(Math.round(Date.now() / 1000) + 7200);

describe('what each program reports', () => {
  test('NetworkManager, also for a connection that is never to be the default', async () => {
    const machine = new Machine('networkmanager', recording);
    const file = machine.place('networkmanager', 'dispatcher.d/90-failover');
    const dhcp = {
      ...{ DEVICE_IP_IFACE: 'wwan0', DHCP4_ROUTERS: '10.10.1.254 10.10.1.253', DHCP4_EXPIRY: expiry },
      ...{ DHCP4_DOMAIN_NAME_SERVERS: '10.10.1.53', IP6_GATEWAY: 'fe80::1' },
    };
    const leased = [
      `tell gateway wwan0 10.10.1.254 --until ${expiry} --source NetworkManager`,
      `tell dns wwan0 10.10.1.53 --until ${expiry} --source NetworkManager`,
      'tell gateway wwan0 fe80::1 --source NetworkManager',
    ];
    for (const action of ['up', 'dhcp4-change']) {
      assert.equal((await machine.call(file, dhcp, 'cdc-wdm0', action)).code, 0);
      await machine.heard(leased);
    }
    const fixed = {
      IP4_GATEWAY: '10.1.1.1',
      IP4_NAMESERVERS: '10.1.1.53 10.1.1.54',
      IP6_NAMESERVERS: 'fd00::53',
    };
    await machine.call(file, fixed, 'eth1', 'up');
    await machine.heard([
      'tell gateway eth1 10.1.1.1 --source NetworkManager',
      'tell dns eth1 10.1.1.53 10.1.1.54 --source NetworkManager',
      'tell dns eth1 fd00::53 --source NetworkManager',
    ]);
    await machine.call(file, { CONNECTIVITY_STATE: 'FULL' }, 'none', 'connectivity-change');
    await machine.call(file, {}, 'lo', 'up');
    await machine.call(file, {}, 'eth1', 'hostname');
    await machine.call(file, {}, 'eth1', 'down');
    await machine.heard(['tell gone eth1 --source NetworkManager']);
  });

  test('dhclient', async () => {
    const machine = new Machine('dhclient', recording);
    const file = machine.place('dhclient', 'failover');
    const lease = {
      ...{ interface: 'eth1', new_routers: '10.10.1.254', new_domain_name_servers: '10.10.1.53 10.10.1.54' },
      new_expiry: expiry,
    };
    for (const reason of ['BOUND', 'RENEW']) {
      assert.deepEqual((await machine.call(file, { ...lease, reason })).said, '');
      await machine.heard([
        `tell gateway eth1 10.10.1.254 --until ${expiry} --source dhclient`,
        `tell dns eth1 10.10.1.53 10.10.1.54 --until ${expiry} --source dhclient`,
      ]);
    }
    await machine.call(file, { interface: 'eth1', reason: 'PREINIT' });
    await machine.call(file, { interface: 'eth1', reason: 'BOUND6', new_dhcp6_name_servers: 'fd00::53' });
    await machine.heard(['tell dns eth1 fd00::53 --source dhclient']);
    await machine.call(file, { interface: 'eth1', reason: 'EXPIRE' });
    await machine.heard(['tell gone eth1 4 --source dhclient']);
    await machine.call(file, { interface: 'eth1', reason: 'RELEASE6' });
    await machine.heard(['tell gone eth1 6 --source dhclient']);
  });

  test('dhcpcd, router advertisements too', async () => {
    const machine = new Machine('dhcpcd', recording);
    const file = machine.place('dhcpcd', '90-failover');
    await machine.call(file, {
      interface: 'eth1',
      reason: 'REBOOT',
      new_routers: '10.10.1.254',
      new_dhcp_lease_time: '3600',
    });
    await until(() => machine.log.length > 0, 'a report');
    const end = Number(
      /^tell gateway eth1 10\.10\.1\.254 --until (\d+) --source dhcpcd$/.exec(machine.log[0] ?? '')?.[1],
    );
    assert.ok(Math.abs(end - (Date.now() / 1000 + 3600)) < 60, machine.log.join());
    writeFileSync(join(machine.root, 'log'), '');
    await machine.call(file, {
      interface: 'eth1',
      reason: 'ROUTERADVERT',
      nd1_from: 'fe80::1',
      nd1_rdnss1_servers: 'fd00::53',
    });
    await machine.heard([
      'tell gateway eth1 fe80::1 --source dhcpcd',
      'tell dns eth1 fd00::53 --source dhcpcd',
    ]);
    await machine.call(file, { interface: 'eth1', reason: 'CARRIER' });
    await machine.call(file, { interface: 'eth1', reason: 'STOPPED' });
    await machine.heard(['tell gone eth1 --source dhcpcd']);
  });

  test('udhcpc, whose own script it runs first', async () => {
    const machine = new Machine('udhcpc', recording);
    const file = machine.place('udhcpc', 'failover.script');
    const lease = { interface: 'eth1', router: '10.10.1.254', dns: '10.10.1.53' };
    assert.equal((await machine.call(file, lease, 'bound')).code, 3, "the status of udhcpc's own script");
    await machine.heard([
      'tell gateway eth1 10.10.1.254 --source udhcpc',
      'tell dns eth1 10.10.1.53 --source udhcpc',
    ]);
    await machine.call(file, lease, 'leasefail');
    await machine.call(file, { interface: 'eth1' }, 'deconfig');
    await machine.heard(['tell gone eth1 4 --source udhcpc']);
  });

  test('pppd, by the folder that it is in', async () => {
    const machine = new Machine('pppd', recording);
    const at = (name: string): string => machine.place('pppd', `${name}/90failover`);
    const [tty, speed] = ['/dev/ttyUSB0', '460800'];
    const dns = { USEPEERDNS: '1', DNS1: '10.64.0.53', DNS2: '10.64.0.54' };
    await machine.call(at('ip-up.d'), dns, 'ppp0', tty, speed, '100.64.7.9', '10.64.64.64', '');
    await machine.heard([
      'tell gateway ppp0 10.64.64.64 --source pppd',
      'tell dns ppp0 10.64.0.53 10.64.0.54 --source pppd',
    ]);
    await machine.call(at('ipv6-up.d'), {}, 'ppp0', tty, speed, 'fe80::a', 'fe80::b', '');
    await machine.heard(['tell gateway ppp0 fe80::b --source pppd']);
    await machine.call(at('ipv6-down.d'), {}, 'ppp0', tty, speed, 'fe80::a', 'fe80::b', '');
    await machine.heard(['tell gone ppp0 6 --source pppd']);
    await machine.call(at('ip-down.d'), {}, 'ppp0', tty, speed, '100.64.7.9', '10.64.64.64', '');
    await machine.heard(['tell gone ppp0 4 --source pppd']);
  });
});

const calls = [
  ['networkmanager', { IP4_GATEWAY: '10.1.1.1' }, 'eth1', 'up'],
  ['dhclient', { interface: 'eth1', reason: 'BOUND', new_routers: '10.1.1.1' }],
  ['dhcpcd', { interface: 'eth1', reason: 'BOUND', new_routers: '10.1.1.1' }],
  ['pppd', {}, 'ppp0', 'tty', '1', '10.1.1.2', '10.1.1.1'],
] as const;

describe('no script delays or fails its program', () => {
  for (const [name, failover] of [
    ['that is missing', undefined],
    ['that fails', 'echo failed >>"$log"; echo oops >&2; exit 1'],
    ['that hangs', '[ -s "$log" ] && exit 0; echo $$ >>"$log"; exec sleep 40'],
  ] as const) {
    test(`with a failover ${name}`, async () => {
      const machine = new Machine(name.replaceAll(' ', '-'), failover);
      for (const [script, variables, ...args] of calls) {
        const { code, ms, said } = await machine.call(
          machine.place(script, `ip-up.d/${script}`),
          variables,
          ...args,
        );
        assert.deepEqual([code, said], [0, ''], script);
        assert.ok(ms < 8000, `${script} took ${ms} ms`);
      }
      if (name !== 'that hangs') return;
      await until(() => machine.log.length > 0, 'the first call');
      for (const pid of machine.log) process.kill(Number(pid));
    });
  }

  test('and without the program', async () => {
    const machine = new Machine('gone', recording);
    rmSync(join(machine.root, 'home'), { recursive: true });
    for (const [script, variables, ...args] of calls) {
      const { code, said } = await machine.call(
        machine.place(script, `ip-up.d/${script}`),
        variables,
        ...args,
      );
      assert.deepEqual([code, said], [0, ''], script);
    }
  });
});

test('a report that comes later is made later, however long the first one takes', async () => {
  const slowThenQuick = '[ "$2" = gone ] && sleep 1\necho "$2" >>"$log"';
  const machine = new Machine('order', slowThenQuick);
  const file = machine.place('dhclient', 'failover');
  await machine.call(file, { interface: 'eth1', reason: 'EXPIRE' });
  await machine.call(file, { interface: 'eth1', reason: 'BOUND', new_routers: '10.1.1.1' });
  await machine.heard(['gone', 'gateway']);
});

test('install puts a script where its program looks for one, and uninstall removes it', async () => {
  const root = join(folder, 'machine');
  const folders = ['etc/NetworkManager/dispatcher.d', 'etc/dhcp/dhclient-exit-hooks.d', 'etc/ppp/ip-up.d'];
  for (const path of folders) mkdirSync(join(root, path), { recursive: true });
  const own = join(root, 'etc/ppp/ip-up.d/0000usepeerdns');
  writeFileSync(own, 'theirs');
  await perform(leaseHookSteps(source, root), () => undefined);
  const placed = [
    ...['etc/NetworkManager/dispatcher.d/90-failover', 'etc/dhcp/dhclient-exit-hooks.d/failover'],
    'etc/ppp/ip-up.d/90failover',
  ].map((path) => join(root, path));
  for (const path of placed) assert.equal(statSync(path).mode & 0o777, 0o755, path);
  assert.equal(existsSync(join(root, 'etc/udhcpc')), false);
  assert.deepEqual(await pending(leaseHookSteps(source, root)), []);
  chmodSync(placed[0] ?? '', 0o644); // NetworkManager would ignore it
  assert.equal((await pending(leaseHookSteps(source, root))).length, 1);
  writeFileSync(placed[2] ?? '', 'of another program');
  const removals = leaseHookRemovals(root);
  assert.ok(!(await pending(leaseHookSteps(source, root))).some(({ what }) => what.includes('ip-up.d')));
  assert.deepEqual(
    removals.map(({ what }) => what),
    placed.slice(0, 2).map((path) => `file ${path}`),
  );
  for (const { undo } of removals) await undo();
  assert.deepEqual([placed.map((path) => existsSync(path)), existsSync(own)], [[false, false, true], true]);
});
