/** `failover apply` where the daemon is not root, and may not write where its configuration is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

let scene: Scene;
const file = '/etc/failover/config.ts';
const draft = '/etc/failover/config.trial.ts';

before(
  async () => {
    scene = await Scene.open();
    await scene.machine.sh(`cd ${download} && ./install 2>&1`);
    await scene.carries('eth1', 'eth1');
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

const metricIs = (metric: number): Promise<unknown> =>
  scene.machine.until(async () => (await scene.ownDefaults()).includes(`metric ${metric} `), {
    what: `routes at metric ${metric}`,
  });

/** Another configuration in root's own folder, with routes at metric 50. */
async function write(): Promise<void> {
  await scene.machine.sh(
    `sed "s/reaction: 'normal',/reaction: 'normal', startMetric: 50,/" ${file} > /root/new.ts`,
  );
}

test('apply tries what root wrote anywhere, and it is over when nobody confirms', async () => {
  const { machine } = scene;
  const earlier = await machine.sh(`cat ${file}`);
  await write();
  assert.match(await machine.sh('failover apply /root/new.ts --confirm 8s'), /^On trial until/);
  await metricIs(50);
  await machine.until(async () => (await scene.status()).trial === undefined, {
    what: 'the end of the trial',
  });
  await metricIs(77);
  assert.equal(await machine.sh(`cat ${file}`), earlier);
  const notices = await machine.sh('journalctl -u failover -p notice -o cat');
  assert.match(
    notices,
    /configuration on trial: .*\n(.*\n)*back to the configuration .*not confirmed in time/,
  );
  await scene.carries('eth1', 'eth1');
});

test('a daemon that crashes during a trial comes back with the earlier configuration', async () => {
  const { machine } = scene;
  await machine.sh('failover apply --confirm 10m'); // the draft that the first trial left
  await metricIs(50);
  await machine.until(async () => (await machine.unit('StatusText')).includes('is on trial until'), {
    what: 'the trial in systemctl status',
  });
  await machine.sh(`kill -9 ${await machine.unit('MainPID')}`);
  await metricIs(77);
  await machine.until(
    async () => (await machine.sh('journalctl -u failover -p notice -o cat')).includes('was cut short'),
    { what: 'the message' },
  );
  await scene.carries('eth1', 'eth1');
});

test('confirm puts it in place, readable by the daemon, and a restart keeps it', async () => {
  const { machine } = scene;
  await write();
  await machine.sh('failover apply /root/new.ts --confirm 10m');
  assert.match(await machine.sh('failover confirm'), /^Confirmed: \/etc\/failover\/config\.ts now holds it/);
  assert.equal(await machine.sh(`cat ${file}`), await machine.sh('cat /root/new.ts'));
  assert.equal(
    await machine.sh(`stat -c '%a %U' ${file}; ls ${draft} 2>&1 || :`),
    `644 root\nls: cannot access '${draft}': No such file or directory`,
  );
  await machine.sh('systemctl restart failover');
  await metricIs(50);
});

test('only root may order', async () => {
  const { machine } = scene;
  const command = [
    'setpriv',
    '--reuid=nobody',
    '--regid=nogroup',
    '--clear-groups',
    'env',
    'TSX_DISABLE_CACHE=1',
  ];
  const { code, stderr } = await machine.run([...command, 'failover', 'revert']);
  assert.equal(code, 1);
  assert.match(stderr, /only root may\. Run it with sudo/);
  assert.match(await machine.sh('stat -c %a /run/failover/orders.sock'), /^600$/);
});
