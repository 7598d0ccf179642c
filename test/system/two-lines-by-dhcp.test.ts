/** What docs/guides/two-lines-by-dhcp.md shows, on a booted Debian 12 with DHCP servers at both ISPs. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { filesOf } from '../support/guide-files.ts';
import { serveDhcp } from './dhcp.ts';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

const files = filesOf('docs/guides/two-lines-by-dhcp.md');
let scene: Scene;
let endServers = (): void => undefined;

before(
  async () => {
    scene = await Scene.open({ boot: false });
    await scene.lab.ip('route flush proto dhcp');
    endServers = await serveDhcp(scene);
    await scene.machine.write('/root/config.ts', files.get('/etc/failover/config.ts') ?? '');
    await scene.machine.boot();
  },
  { timeout: 600_000 },
);
after(async () => {
  endServers();
  await scene?.close();
});

/** Both lines have their address and a default route of the metric that the guide gives them. */
async function bothLinesUp(): Promise<void> {
  let routes = '';
  const areUp = async (): Promise<boolean> => {
    routes = await scene.lab.ip('route show default');
    return /via 10\.10\.1\.254 .*metric 201/.test(routes) && /via 10\.10\.2\.254 .*metric 202/.test(routes);
  };
  await scene.machine.until(areUp, { timeoutMs: 60_000, what: () => `both default routes (${routes})` });
}

/** Writes the files of the guide into a folder of the machine. */
async function writeFiles(folder: string): Promise<void> {
  const found = [...files].filter(([path]) => path.startsWith(folder));
  assert.notEqual(found.length, 0, `the guide shows nothing in ${folder}`);
  for (const [path, text] of found) await scene.machine.write(path, text);
}

/** Installs, fails over and back, and removes everything again. */
async function installAndFailOver(): Promise<void> {
  const { machine, lab } = scene;
  await machine.sh(`cd ${download} && ./install --config /root/config.ts 2>&1`);
  await scene.carries('fibre', 'eth1');
  const gateways = (await scene.status()).paths.map(({ binding }) => binding?.gateway);
  assert.deepEqual(gateways, ['10.10.1.254', '10.10.2.254']);
  assert.deepEqual((await scene.status()).drift, []);
  await lab.cut('fibre');
  await scene.carries('lte', 'eth2');
  await lab.heal('fibre');
  await scene.carries('fibre', 'eth1', 60_000);
  await bothLinesUp();
  await machine.sh('failover uninstall --purge');
}

test('two lines by DHCP of systemd-networkd', async () => {
  const { machine, lab } = scene;
  await writeFiles('/etc/systemd/network/');
  await machine.sh('systemctl start systemd-networkd');
  await bothLinesUp();
  await installAndFailOver();
  await machine.sh('systemctl stop systemd-networkd.socket systemd-networkd; rm /etc/systemd/network/10-*');
  for (const device of ['eth1', 'eth2']) await lab.ip(`address flush dev ${device} scope global`);
});

test('two lines by DHCP of ifupdown', async () => {
  const { machine } = scene;
  await writeFiles('/etc/network/');
  await machine.sh('systemctl restart networking');
  await bothLinesUp();
  await installAndFailOver();
  await machine.sh('ifdown -a');
});
