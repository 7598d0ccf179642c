import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { programCommand } from '../../src/process/program.ts';
import { until } from '../support/until.ts';
import { openScene, type Scene } from './scene.ts';

/** Real DHCP clients that set no default route: the gateways are known to their hooks alone. */
const hooks = new URL('../../src/setup/lease-hooks', import.meta.url).pathname;
let folder = '';
const started: ReturnType<typeof startInside>[] = []; // they would keep this process alive

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1', ipv6: false },
    { name: 'cable', device: 'eth2', ipv6: false },
  ],
  config: () => ({
    providers: [
      {
        ...{ id: 'fibre', interfaceName: 'eth1', nameservers: ['lease'] },
        testScenarios: [{ ping: '1.1.1.1' }, { dns: 'lab.test', expect: ['192.0.2.7'], every: '5s' }],
      },
      { id: 'cable', interfaceName: 'eth2' },
    ],
  }),
  prepare: (lab) =>
    prepare(lab).catch((error: unknown) => {
      endServers();
      throw error;
    }),
});
after(async () => {
  endServers();
  await scene.close();
});

async function prepare(lab: Lab): Promise<void> {
  await placeHooks(lab);
  await lab.removeAddress('fibre', 4, '10.10.1.1/24');
  await lab.removeAddress('cable', 4, '10.10.2.1/24');
  startDnsmasq();
  startUdhcpd();
  const udhcpc = ['udhcpc', '-q', '-i', 'eth2', '-s', join(folder, 'failover.script'), '-t', '20', '-T', '1'];
  await lab.run('router', udhcpc);
  startServer('router', [...dhclient('-d'), 'eth1']);
  const show = ['ip', '-4', '-o', 'address', 'show', 'dev', 'eth1'];
  const hasLease = async (): Promise<boolean> => (await lab.run('router', show)).includes(' inet ');
  await until(hasLease, 'a lease for eth1', 60_000);
}

test('what was reported before the daemon started is known to it: gateways, nameservers, their end', async () => {
  for (const route of await scene.routes('default'))
    assert.match(route, / proto 77 /, 'the clients set none');
  const [fibre, cable] = [await scene.path('fibre'), await scene.path('cable')];
  assert.match(fibre.binding?.address ?? '', /^10\.10\.1\.1[0-5]\d$/);
  assert.equal(fibre.binding?.gateway, '10.10.1.254');
  assert.deepEqual(fibre.binding?.dns, ['10.10.1.254']);
  assert.equal(cable.binding?.gateway, '10.10.2.254');
  const { gateway } = fibre.lease ?? {};
  assert.equal(gateway?.source, 'dhclient');
  assert.ok(Math.abs((gateway?.until ?? 0) - Date.now() - 120_000) < 60_000, JSON.stringify(gateway));
  assert.equal(cable.lease?.gateway?.source, 'udhcpc');
});

test("names are resolved by the nameserver that was reported, in checks and by 'failover test'", async () => {
  const { stdout } = await scene.lab.cli(['test', 'fibre', '--json']);
  const [{ targets }] = JSON.parse(stdout).paths;
  const found = targets.find(({ target }: { target: string }) => target.startsWith('dns'));
  assert.equal(found?.result.ok, true, stdout);
  assert.deepEqual((await scene.path('fibre')).remarks, []);
});

test('a renewal moves the end, and nothing else', async () => {
  const { lease, since } = await scene.path('fibre');
  const from = Date.now();
  const end = lease?.gateway?.until ?? 0;
  await scene.until(
    async () => ((await scene.path('fibre')).lease?.gateway?.until ?? 0) > end + 1000,
    'a renewal',
    60_000,
  );
  assert.equal((await scene.path('fibre')).since, since);
  await scene.assertUnmoved(from);
});

test('a restarted daemon knows what was reported, and what was reported in the meantime', async () => {
  const { lab, daemon } = scene;
  await daemon.stop();
  const kept = await lab.cli(['tell', 'dns', 'eth2', '10.10.2.53', '--source', 'tester']);
  assert.match(
    kept.stdout,
    /^Recorded for eth2: DNS 10\.10\.2\.53, reported by tester\.\nNo daemon answered: it is kept/,
  );
  await lab.daemon({
    config: join(lab.folder, 'config.json'),
    args: ['--record', join(folder, 'recording')],
  });
  await scene.until(
    () =>
      scene.see().then(
        () => true,
        () => false,
      ),
    'the daemon',
  );
  await scene.until(
    async () => (await scene.path('cable')).lease?.dns?.source === 'tester',
    'the kept report',
  );
  assert.equal((await scene.path('fibre')).lease?.gateway?.source, 'dhclient');
  await scene.calm();
});

test('mistakes are refused with what would be right, and devices of no provider are named', async () => {
  const { lab } = scene;
  const wrong = await lab.cli(['tell', 'gateway', 'eth1', '10.10.1.999']);
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.stderr,
    /^failover: the address of the gateway must be an address such as 10\.10\.1\.254 or .*\(found "10\.10\.1\.999"\)$/m,
  );
  const elsewhere = await lab.cli(['tell', 'gateway', 'eth9', '10.9.9.1']);
  assert.match(
    elsewhere.stdout,
    /Recorded for eth9: gateway 10\.9\.9\.1, reported by operator\.\nNo provider uses eth9 now\./,
  );
});

test('what runs out is forgotten with a warning; the line is used while it has its address and works', async () => {
  const { lab } = scene;
  const end = Math.round(Date.now() / 1000) + 3;
  const told = await lab.cli(['tell', 'gateway', 'eth2', '10.10.2.254', '--until', String(end), '--json']);
  assert.equal(JSON.parse(told.stdout).providers[0], 'cable');
  const words = 'eth2 (IPv4): gateway 10.10.2.254 has run out and was not renewed';
  await scene.until(
    async () =>
      (await scene.decisions()).some(
        ({ sentence, severity }) => sentence === words && severity === 'warning',
      ),
    'the warning',
    30_000,
  );
  const cable = await scene.path('cable');
  assert.equal(cable.lease?.gateway, undefined);
  assert.equal(cable.binding?.gateway, '10.10.2.254');
  assert.equal(cable.health, 'reliable');
});

test('a lease that is released takes its gateway with it', async () => {
  const { lab } = scene;
  await lab.run('router', [...dhclient('-r'), 'eth1']);
  await scene.until(async () => (await scene.path('fibre')).lease === undefined, 'nothing known of fibre');
  await scene.carries('cable', 4);
});

test('a replay of all that gives the same decisions', async () => {
  const { code, stdout } = await scene.lab.cli(['replay', join(folder, 'recording'), '--json']);
  const { decisions } = JSON.parse(stdout) as { decisions: { decision: { sentence: string } }[] };
  assert.equal(code, 0, stdout.slice(0, 2000));
  const words = decisions.map(({ decision }) => decision.sentence).join('; ');
  for (const part of ['DNS 10.10.2.53 reported by tester', 'has run out', 'withdrawn'])
    assert.ok(words.includes(part), words);
});

/** The scripts of an installed failover, in a folder of the lab; dhclient's where it looks for them. */
async function placeHooks(lab: Lab): Promise<void> {
  folder = lab.folder;
  const home = join(folder, 'home');
  mkdirSync(join(home, 'src/setup/lease-hooks'), { recursive: true });
  const settings = Object.entries(lab.environment()).map(([name, value]) => `${name}=${value}`);
  program(
    join(home, 'failover'),
    `#!/bin/sh\nexec env ${settings.join(' ')} ${programCommand.join(' ')} "$@"\n`,
  );
  place('report', join(home, 'src/setup/lease-hooks/report'));
  place('udhcpc', join(folder, 'failover.script'));
  const [enter, exit] = [
    join(folder, 'dhcp/dhclient-enter-hooks.d'),
    join(folder, 'dhcp/dhclient-exit-hooks.d'),
  ];
  for (const one of [enter, exit]) mkdirSync(one, { recursive: true });
  place('dhclient-enter', join(enter, '00failover'));
  // As operators do who want no default route; and this machine's resolv.conf stays as it is.
  writeFileSync(join(enter, 'nodefault'), 'unset new_routers\nmake_resolv_conf() { :; }\n');
  place('dhclient', join(exit, 'failover'));
  const none = '#!/bin/sh\n[ "$1" = bound ] && ip address replace "$ip/24" dev "$interface"\nexit 0\n';
  program(join(folder, 'default.script'), none);
  writeFileSync(
    join(folder, 'dhcp/dhclient.conf'),
    'request subnet-mask, routers, domain-name-servers, dhcp-renewal-time;\n',
  );
  const { code, stderr } = await run('mount', ['--bind', join(folder, 'dhcp'), '/etc/dhcp']);
  assert.equal(code, 0, stderr);
}

function place(script: string, path: string): void {
  const text = readFileSync(join(hooks, script), 'utf8');
  program(path, text.replaceAll('/etc/failover', join(folder, 'home')).replaceAll('/etc/udhcpc', folder));
}

function program(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

function dhclient(...how: readonly string[]): readonly string[] {
  const files = ['-pf', join(folder, 'dhclient.pid'), '-lf', join(folder, 'dhclient.leases')];
  return ['dhclient', ...how, ...files, '-cf', '/etc/dhcp/dhclient.conf'];
}

/** fibre's DHCP server, whose clients renew after 4 s, and its nameserver, which alone knows lab.test. */
function startDnsmasq(): void {
  const options = [
    ...[
      'keep-in-foreground',
      'conf-file=/dev/null',
      'user=root',
      'pid-file',
      'no-resolv',
      'no-hosts',
      'no-ping',
    ],
    ...[
      'interface=customer',
      'bind-interfaces',
      'dhcp-authoritative',
      `dhcp-leasefile=${join(folder, 'leases')}`,
    ],
    ...['dhcp-range=10.10.1.100,10.10.1.150,2m', 'dhcp-option=3,10.10.1.254', 'dhcp-option=6,10.10.1.254'],
    ...['dhcp-option-force=58,4', 'address=/lab.test/192.0.2.7'],
  ];
  startServer('fibre', ['dnsmasq', ...options.map((option) => `--${option}`)]);
}

function startUdhcpd(): void {
  const file = join(folder, 'udhcpd.conf');
  const lines = [
    ...[
      'start 10.10.2.100',
      'end 10.10.2.150',
      'interface customer',
      `lease_file ${join(folder, 'udhcpd.leases')}`,
    ],
    ...[
      `pidfile ${join(folder, 'udhcpd.pid')}`,
      'opt subnet 255.255.255.0',
      'opt router 10.10.2.254',
      'opt lease 600',
    ],
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  startServer('cable', ['udhcpd', '-f', file]);
}

/** One that ends with this process. */
function startServer(namespace: string, command: readonly string[]): void {
  const child = startInside(namespace, command);
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  started.push(child);
}

function endServers(): void {
  for (const child of started) child.kill('SIGKILL');
}
