/**
 * With Debian 13's systemd-networkd, which deletes what others put into the kernel: it is restarted, and another link
 * reconfigured again and again, under a flow. FAILOVER_NETWORKD_SECONDS=180 does so for three minutes, every 10 s.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { flowTargets } from '../../src/lab/topology.ts';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

const seconds = Number(process.env['FAILOVER_NETWORKD_SECONDS'] ?? 20);
const rounds = Math.max(6, seconds / 10);
const dropIn = '/etc/systemd/networkd.conf.d/50-failover.conf';
let scene: Scene;

/** Without our routes the traffic would go through eth2, the wrong line. */
const files: Readonly<Record<string, string>> = {
  '10-eth1.network': line('eth1', '10.10.1', 201),
  '10-eth2.network': line('eth2', '10.10.2', 200),
  'spare.netdev': '[NetDev]\nName=spare\nKind=bridge\n',
  'spare.network': '[Match]\nName=spare\n[Network]\nAddress=192.168.77.1/24\nConfigureWithoutCarrier=yes\n',
};

function line(device: string, network: string, metric: number): string {
  return `[Match]
Name=${device}
[Network]
Address=${network}.1/24
IPv6AcceptRA=no
[Route]
Gateway=${network}.254
Metric=${metric}
`;
}

const provider = (id: string, interfaceName: string) => ({ id, interfaceName });
const config = {
  checkInterval: '100ms',
  minOutage: '300ms',
  providers: [provider('fibre', 'eth1'), provider('cable', 'eth2')],
};

/** Counts what leaves by a line although it belongs to the other: the flow, and checks by their address. */
const wrongWay = `table ip wrong_way {
  counter strays { }
  chain out {
    type filter hook postrouting priority 0;
    oifname "eth2" ip daddr ${flowTargets[4]} counter name strays
    oifname "eth2" ip saddr 10.10.1.1 counter name strays
    oifname "eth1" ip saddr 10.10.2.1 counter name strays
  }
}
`;

before(
  async () => {
    scene = await Scene.open({ boot: false, suite: 'trixie' });
    const { machine, lab } = scene;
    await machine.runUnbooted(['mkdir', '-p', '/etc/systemd/network']);
    for (const [name, text] of Object.entries(files))
      await machine.write(`/etc/systemd/network/${name}`, text);
    await machine.write('/root/failover.json', JSON.stringify(config));
    await lab.ip('route flush proto dhcp');
    await machine.boot();
    await machine.sh('systemctl start systemd-networkd');
    await routesOfNetworkd();
    await lab.run('router', ['nft', '-f', '-'], wrongWay);
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

async function routesOfNetworkd(): Promise<void> {
  const both = async (): Promise<boolean> =>
    (await scene.lab.ip('route show default proto static')).trim().split('\n').length === 2;
  await scene.machine.until(both, { what: 'the default routes of systemd-networkd' });
}

async function strays(): Promise<number> {
  const text = await scene.lab.run('router', ['nft', 'list', 'counter', 'ip', 'wrong_way', 'strays']);
  return Number(/packets (\d+)/.exec(text)?.[1]);
}

/** Our routes and rules; what was put back may stand in another order. */
async function ours(): Promise<string> {
  const routes = await scene.lab.ip('route show table all proto 77');
  const rules = (await scene.lab.ip('rule show')).split('\n').filter((line) => / proto 77\b/.test(line));
  return [...routes.trim().split('\n'), ...rules].sort().join('\n');
}

const repairs = async (): Promise<number> =>
  (await scene.machine.sh('journalctl -u failover -o cat --no-pager')).split('put back').length - 1;

/** Disturbs `times` over, and says how many packets were lost, and how many went by the wrong line. */
async function disturbed(
  times: number,
  everyMs: number,
): Promise<{ lost: number; strayed: number; sent: number }> {
  const { machine, lab } = scene;
  const before = await strays();
  const flow = await lab.flow();
  for (let i = 0; i < times; i += 1) {
    if (i % 3 === 2) await machine.sh('systemctl restart systemd-networkd');
    await machine.sh('networkctl reconfigure spare');
    await sleep(everyMs);
  }
  const { lost, sent } = await flow.stop();
  return { lost, sent, strayed: (await strays()) - before };
}

test('install has systemd-networkd leave our routes and rules alone', async () => {
  const { machine } = scene;
  const printed = await machine.sh(`cd ${download} && ./install --config /root/failover.json 2>&1`);
  assert.match(printed, /50-failover\.conf, then restart systemd-networkd/);
  assert.match(await machine.sh(`cat ${dropIn}`), /^ManageForeignRoutes=no$/m);
  await scene.carries('fibre', 'eth1');
  await routesOfNetworkd();
  assert.deepEqual((await scene.status()).drift, []);
});

test('systemd-networkd restarts and reconfigures another link: no packet takes the wrong line', async (t: TestContext) => {
  const before = await ours();
  const { lost, strayed, sent } = await disturbed(rounds, (seconds * 1000) / rounds);
  t.diagnostic(`${sent} packets in ${seconds} s: ${lost} lost, ${strayed} by the wrong line`);
  assert.equal(strayed, 0);
  assert.equal(await ours(), before);
  assert.equal(await repairs(), 0);
});

test('without these settings it says so, and puts back what systemd-networkd deletes', async (t: TestContext) => {
  const { machine } = scene;
  const before = await ours();
  await machine.sh(`mv ${dropIn} /root/; systemctl restart systemd-networkd`);
  await machine.until(async () => (await repairs()) > 0, { what: 'a repair' });
  await machine.until(async () => (await ours()) === before, { what: 'our routes and rules' });
  assert.match((await scene.status()).drift.join(), /systemd-networkd runs without ManageForeignRoutes=no/);
  assert.match(
    await machine.sh('failover check /root/failover.json'),
    /Worth a look:[\s\S]*systemd-networkd runs without/,
  );
  const { strayed } = await disturbed(1, 1000);
  t.diagnostic(`${strayed} packets by the wrong line in one round without the settings`);
  await machine.until(async () => (await ours()) === before, { what: 'our routes and rules again' });
  await machine.sh(`mv /root/50-failover.conf ${dropIn}`);
  assert.match((await scene.status()).drift.join(), /it has not read .*50-failover\.conf since that changed/);
  await machine.sh('systemctl restart systemd-networkd');
  await machine.until(async () => (await scene.status()).drift.length === 0, {
    what: 'the end of the report',
  });
  await machine.until(async () => (await ours()) === before, { what: 'our routes and rules at last' });
});

test('uninstall takes the file away', async () => {
  const { machine } = scene;
  await machine.sh('failover uninstall --purge');
  assert.equal(await machine.sh(`ls ${dropIn} 2>/dev/null || echo gone`), 'gone');
  assert.equal(await machine.sh('ls -d /etc/systemd/networkd.conf.d 2>/dev/null || echo gone'), 'gone');
  assert.equal(await ours(), '');
});
