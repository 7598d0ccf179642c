/** docs/guides/router-for-a-lan.md: a machine booted with the very files that it shows, and a client in its LAN. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { runInside, startInside } from '../../src/lab/namespace.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { filesOf } from '../support/guide-files.ts';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

const files = filesOf('docs/guides/router-for-a-lan.md');
const config = '/etc/failover/config.ts';
const servers: ReturnType<typeof startInside>[] = [];
let scene: Scene;

before(
  async () => {
    scene = await Scene.open({ boot: false, ipv6: true });
    await takeAddresses();
    await addClient();
    const { machine } = scene;
    for (const [path, text] of files) {
      await machine.runUnbooted(['mkdir', '-p', dirname(path)]);
      await machine.write(path === config ? '/root/config.ts' : path, text);
    }
    await machine.write('/root/lease', leaseScript);
    await machine.boot();
    await machine.sh(
      'systemctl enable --now systemd-networkd nftables 2>&1 || { journalctl -u nftables -n 20; exit 1; }',
    );
    await machine.sh('sysctl -p /etc/sysctl.d/90-router.conf && chmod +x /root/lease');
    await machine.until(async () => (await scene.lab.ip('route show default')).includes('dev eth2'), {
      timeoutMs: 60_000,
      what: 'the default routes of the DHCP client',
    });
    await machine.sh(`cd ${download} && ./install --config /root/config.ts 2>&1`);
  },
  { timeout: 600_000 },
);
after(async () => {
  for (const server of servers) server.kill();
  await scene?.close();
});

/** The lines have no address of their own any more: each ISP gives one by DHCP. */
async function takeAddresses(): Promise<void> {
  const { lab, machine } = scene;
  await lab.ip('route flush proto dhcp');
  for (const { name, device, ends } of lab.isps) {
    const { address, prefixLength, gateway } = ends[4] ?? assert.fail(`${name} has no IPv4`);
    await lab.run('router', ['ip', '-4', 'address', 'flush', 'dev', device]);
    const lease = `start ${address}\nend ${address}\nopt router ${gateway}\nopt lease 600\n`;
    const place = `interface customer\nlease_file /tmp/${name}\npidfile /tmp/${name}.pid\nopt subnet ${mask(prefixLength)}\n`;
    await machine.write(`/tmp/${name}.conf`, lease + place);
    servers.push(startInside(name, ['chroot', machine.root, 'busybox', 'udhcpd', '-f', `/tmp/${name}.conf`]));
  }
}

function mask(prefixLength: number): string {
  const bits = (0xffff_ffff << (32 - prefixLength)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** A computer in the LAN, with nothing but a cable. */
async function addClient(): Promise<void> {
  const { lab } = scene;
  await lab.run('router', ['ip', 'netns', 'add', 'client']);
  await lab.ip('link add lan0 type veth peer name eth0 netns client');
  for (const device of ['lo', 'eth0']) await lab.run('client', ['ip', 'link', 'set', device, 'up']);
}

/** What udhcpc calls with a lease in its environment. */
const leaseScript = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface" && ip route add default via "$router" && echo "name servers: $dns"
`;

async function ping(target: string): Promise<boolean> {
  return (await runInside('client', ['ping', '-n', '-c', '1', '-W', '1', target])).code === 0;
}

test('the guide has a file for everything', () => {
  assert.equal(files.size, 6);
});

test('a computer in the LAN gets an address, and reaches the internet by the first line', async () => {
  const { machine } = scene;
  await scene.carries('fibre', 'eth1', 60_000);
  const client = ['busybox', 'udhcpc', '-f', '-q', '-n', '-t', '20', '-i', 'eth0', '-s', '/root/lease'];
  const { code, stdout, stderr } = await runInside('client', ['chroot', machine.root, ...client], {
    timeoutMs: 60_000,
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /name servers: 9\.9\.9\.9 1\.1\.1\.1/);
  await machine.until(() => ping(flowTargets[4]), { what: 'an answer from the internet' });
});

test('it reaches the internet by IPv6, too, from a private address', async () => {
  const { lab, machine } = scene;
  // What router advertisements of the ISP would bring.
  const { address, prefixLength, gateway } = lab.isp('fibre').ends[6] ?? assert.fail('no IPv6');
  await lab.run('router', ['ip', 'address', 'replace', `${address}/${prefixLength}`, 'dev', 'eth1', 'nodad']);
  await lab.ip6(`route add default via ${gateway} dev eth1 proto ra metric 1024`);
  const addresses = () => lab.run('client', ['ip', '-6', 'address', 'show', 'dev', 'eth0', '-tentative']);
  await machine.until(async () => / fd77:/.test(await addresses()), { what: 'an address of the LAN by RA' });
  await machine.until(() => ping(flowTargets[6]), { timeoutMs: 60_000, what: 'an answer by IPv6' });
});

test('its connections go on by the other line when the first one dies, and nobody outside gets in', async () => {
  const { lab, machine } = scene;
  const child = startInside('client', ['ping', '-n', '-O', '-i', '0.2', flowTargets[4]]);
  let told = '';
  child.stdout.on('data', (text) => {
    told += text;
  });
  await machine.until(async () => told.includes('bytes from'), { what: 'the first answer' });
  await lab.cut('fibre');
  await scene.carries('cable', 'eth2');
  told = '';
  await machine.until(async () => told.includes('bytes from'), { what: 'an answer by the other line' });
  child.kill();
  const ssh = (from: string, to: string) =>
    runInside(from, ['bash', '-c', `timeout 2 bash -c '</dev/tcp/${to}/22'`], { timeoutMs: 20_000 });
  assert.equal((await ssh('client', '192.168.77.1')).code, 0);
  assert.notEqual((await ssh('internet', '10.10.2.1')).code, 0);
});
