import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

let scene: Scene;
before(
  async () => {
    scene = await Scene.open({ boot: false });
    // As ifupdown leaves it: in the main table nothing comes before metric 0.
    await scene.lab.ip(
      'route del default metric 200',
      'route add default via 10.10.1.254 dev eth1 proto dhcp',
    );
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

const sh = (line: string) => scene.machine.runUnbooted(['sh', '-c', `exec 2>&1; ${line}`]);

test('install without systemd puts everything in place, and prints the command that runs it', async () => {
  const { code, stdout } = await sh(`cd ${download} && ./install`);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /systemd does not run this machine.*Next: \/etc\/failover\/failover run$/m);
  assert.match(
    stdout,
    /the default route through eth1 \(dhcp\) has metric 0, so failover's routes go into their own table/,
  );
  const again = await sh(`cd ${download} && ./install`);
  assert.match(again.stdout, /There was nothing to do/);
});

test('the command that was printed runs the daemon', async () => {
  const { stdout } = await sh('timeout 8 /etc/failover/failover run & sleep 4; failover status; wait');
  assert.match(stdout, /IPv4 goes through eth1/);
  assert.match(stdout, /failover stopped/);
  assert.equal(await scene.exit(), 'eth1');
});

test('the first configuration prevails over a default route of others with metric 0', async () => {
  const { machine, lab } = scene;
  const daemon = sh('timeout 20 /etc/failover/failover run');
  const rules = async () => lab.run('router', ['ip', 'rule']);
  await machine.until(async () => (await rules()).includes('proto 77'), { what: 'our rules' });
  await machine.until(async () => (await scene.exit()) === 'eth1', { what: 'traffic through eth1' });
  await lab.cut('fibre');
  await machine.until(async () => (await scene.exit()) === 'eth2', { what: 'traffic through eth2' });
  assert.match((await daemon).stdout, /IPv4 moves from eth1 to eth2/);
  await lab.heal('fibre');
});

test('uninstall without systemd leaves nothing but the configuration', async () => {
  const { code, stdout } = await sh('failover uninstall');
  assert.equal(code, 0, stdout);
  const ours = 'for f in 4 6; do ip -$f rule; ip -$f route show table all; done | grep "proto 77" || :';
  assert.equal(await scene.lab.run('router', ['sh', '-c', ours]), '');
  const left = await sh(
    "find / -xdev -iname '*failover*' -not -path '/opt/*' -not -path '/proc/*'; ls -A /etc/failover",
  );
  assert.equal(left.stdout.trim(), '/etc/failover\nconfig.ts');
});
