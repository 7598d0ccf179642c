import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

let scene: Scene;
before(
  async () => {
    scene = await Scene.open({ boot: false });
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

const sh = (line: string) => scene.machine.runUnbooted(['sh', '-c', `exec 2>&1; ${line}`]);

test('install without systemd puts everything in place, and prints the command that runs it', async () => {
  const { code, stdout } = await sh(`cd ${download} && ./install`);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /systemd does not run this machine.*Next: \/etc\/failover\/failover run$/m);
  const again = await sh(`cd ${download} && ./install`);
  assert.match(again.stdout, /Nothing was left to do/);
});

test('the command that was printed runs the daemon', async () => {
  const { stdout } = await sh('timeout 8 /etc/failover/failover run & sleep 4; failover status; wait');
  assert.match(stdout, /IPv4 goes through eth1/);
  assert.match(stdout, /failover stopped/);
  assert.equal(await scene.exit(), 'eth1');
});

test('uninstall without systemd leaves nothing but the configuration', async () => {
  const { code, stdout } = await sh('failover uninstall');
  assert.equal(code, 0, stdout);
  assert.equal(await scene.ownDefaults(), '');
  const left = await sh(
    "find / -xdev -iname '*failover*' -not -path '/opt/*' -not -path '/proc/*'; ls -A /etc/failover",
  );
  assert.equal(left.stdout.trim(), '/etc/failover\nconfig.ts');
});
