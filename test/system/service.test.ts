import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

let scene: Scene;

before(
  async () => {
    scene = await Scene.open();
    await scene.machine.sh(`cd ${download} && ./install 2>&1`);
    await scene.carries('eth1', 'eth1');
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

test('the service has two capabilities, and systemd calls it safe', async () => {
  const { machine } = scene;
  const pid = await machine.unit('MainPID');
  const status = await machine.sh(`cat /proc/${pid}/status`);
  assert.doesNotMatch(status, /^Uid:\t0\t/m);
  assert.match(status, /^CapEff:\t0000000000003000$/m); // CAP_NET_ADMIN, CAP_NET_RAW
  const verdict = await machine.sh('systemd-analyze security failover --no-pager | tail -n 1');
  const exposure = Number(/: ([0-9.]+) /.exec(verdict)?.[1]);
  assert.ok(exposure <= 1.9, verdict);
  assert.equal(await machine.sh('cat /proc/sys/net/ipv4/conf/eth1/ignore_routes_with_linkdown'), '1');
  assert.equal((await scene.status()).probing.means, 'ping sockets');
  assert.equal(await machine.sh('journalctl -u failover -p warning -o cat --no-pager'), '');
});

test('the service sends by raw sockets where ping sockets are not permitted', async () => {
  const { machine } = scene;
  await machine.sh("echo '1 0' > /proc/sys/net/ipv4/ping_group_range; systemctl restart failover");
  await machine.until(
    async () => {
      const { probing, paths } = await scene.status();
      return probing.means === 'raw sockets' && paths.every(({ samples }) => samples > 0);
    },
    { what: 'checks by raw sockets' },
  );
  await machine.sh("echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range; systemctl restart failover");
  await scene.carries('eth1', 'eth1');
});

test('the service tells systemd that it is ready where libc cannot be called, too', async () => {
  const { machine } = scene;
  const packages = '/etc/failover/node_modules/@koromix';
  await machine.sh(`mv ${packages} /root/koromix && systemctl restart failover`);
  try {
    await scene.becomes('active');
    assert.equal((await scene.status()).probing.means, 'ping program');
    await machine.until(async () => (await machine.unit('StatusText')) !== '', { what: 'the status line' });
  } finally {
    await machine.sh(`mv /root/koromix ${packages} && systemctl restart failover`);
  }
  await scene.carries('eth1', 'eth1');
});

test('config.ts is reloaded when it is edited, and a bad one is told and ignored', async () => {
  const { machine } = scene;
  const pid = await machine.unit('MainPID');
  const file = '/etc/failover/config.ts';
  await machine.sh(`cp ${file} /root/config.ts && sed -i "s/reaction: 'normal'/reaction: 'fast'/" ${file}`);
  await machine.until(
    async () => (await machine.sh('journalctl -u failover -o cat')).includes('configuration reloaded'),
    {
      what: 'a reload in the journal',
    },
  );
  await machine.sh(`sed -i 's/providers:/provider:/' ${file}`);
  await machine.until(
    async () => (await machine.sh('journalctl -u failover -p err -o cat')).includes('not reloaded'),
    { what: 'the refusal in the journal' },
  );
  assert.equal(await machine.unit('MainPID'), pid);
  await scene.carries('eth1', 'eth1');
  await machine.sh(`cp /root/config.ts ${file} && rm /root/config.ts && systemctl reload failover`);
  await scene.carries('eth1', 'eth1');
});

test('sticky.provider and failover pin override the checks', async () => {
  const { machine } = scene;
  await machine.sh('echo eth2 > /etc/failover/sticky.provider');
  await scene.carries('eth2', 'eth2');
  await machine.until(async () => (await machine.unit('StatusText')).includes('pinned to eth2'), {
    what: 'the pin',
  });
  await machine.sh('failover unpin');
  await scene.carries('eth1', 'eth1');
  await machine.sh('failover pin eth2 --for 3s');
  await scene.carries('eth2', 'eth2');
  await scene.carries('eth1', 'eth1');
  assert.equal(await machine.sh('journalctl -u failover -p warning -o cat | grep -i emptied || :'), '');
  await machine.sh('failover unpin');
});

test('FAILOVER_GROUP lets a group ask for the status, as docs/install.md says', async () => {
  const { machine } = scene;
  const dropIn = '/run/systemd/system/failover.service.d';
  const text = '[Service]\\nSupplementaryGroups=adm\\nEnvironment=FAILOVER_GROUP=adm\\n';
  await machine.sh(
    `mkdir -p ${dropIn} && printf '${text}' > ${dropIn}/group.conf && systemctl daemon-reload`,
  );
  await machine.sh('systemctl restart failover');
  const ask = (group: string) =>
    machine.run([
      'setpriv',
      '--reuid=nobody',
      `--regid=${group}`,
      '--clear-groups',
      'env',
      'TSX_DISABLE_CACHE=1',
      'failover',
      'status',
    ]);
  const [member, stranger] = [await ask('adm'), await ask('nogroup')];
  await machine.sh(`rm -r ${dropIn} && systemctl daemon-reload && systemctl restart failover`);
  assert.match(member.stdout, /^(The internet works|Not known yet)/, member.stderr);
  assert.equal(stranger.code, 1);
  await scene.carries('eth1', 'eth1');
});

test('a provider that dies is left, and the journal tells the decision as a notice', async () => {
  await scene.lab.cut('fibre');
  await scene.carries('eth2', 'eth2');
  const notices = await scene.machine.sh('journalctl -u failover -p notice -o cat');
  assert.match(notices, /IPv4 moves from eth1 to eth2/);
  assert.doesNotMatch(notices, /kind=lifecycle/);
  await scene.lab.heal('fibre');
  await scene.carries('eth1', 'eth1', 60_000);
});

test('a crash restarts the daemon, and the routes stand meanwhile', async () => {
  const { machine, lab } = scene;
  const [pid, routes] = [await machine.unit('MainPID'), await scene.ownDefaults()];
  assert.notEqual(routes, '');
  const watch = await lab.watchRoutes();
  await machine.sh(`kill -9 ${pid}`);
  assert.equal(await scene.ownDefaults(), routes);
  await machine.until(
    async () => (await machine.unit('MainPID')) !== pid && (await machine.unit('ActiveState')) === 'active',
    { what: 'the restart' },
  );
  await scene.carries('eth1', 'eth1');
  assert.equal((await watch.stop())[4].withoutDefaultMs, 0);
  assert.equal(await scene.ownDefaults(), routes);
});

test('a daemon that hangs is restarted by the watchdog, and the routes stand meanwhile', async () => {
  const { machine } = scene;
  const dropIn = '/run/systemd/system/failover.service.d';
  const short = '[Service]\\nWatchdogSec=2\\nTimeoutAbortSec=1\\n';
  await machine.sh(
    `mkdir -p ${dropIn} && printf '${short}' > ${dropIn}/short.conf && systemctl daemon-reload`,
  );
  await machine.sh('systemctl restart failover');
  await scene.carries('eth1', 'eth1');
  const [pid, routes] = [await machine.unit('MainPID'), await scene.ownDefaults()];
  const restarts = Number(await machine.unit('NRestarts'));
  await machine.until(async () => (await machine.unit('NRestarts')) === String(restarts), {});
  await machine.sh(`kill -STOP ${pid}`);
  await machine.until(async () => Number(await machine.unit('NRestarts')) > restarts, {
    what: 'the watchdog',
  });
  assert.equal(await scene.ownDefaults(), routes);
  await scene.becomes('active');
  assert.notEqual(await machine.unit('MainPID'), pid);
  await machine.sh(`rm -r ${dropIn} && systemctl daemon-reload && systemctl restart failover`);
  await scene.carries('eth1', 'eth1');
});

test('reloads, a second apart or less, never keep the signs of life from systemd', async () => {
  const { machine } = scene;
  const dropIn = '/run/systemd/system/failover.service.d';
  const short = '[Service]\\nWatchdogSec=4\\nTimeoutAbortSec=1\\n';
  await machine.sh(
    `mkdir -p ${dropIn} && printf '${short}' > ${dropIn}/short.conf && systemctl daemon-reload && systemctl restart failover`,
  );
  await scene.carries('eth1', 'eth1');
  const [pid, restarts] = [await machine.unit('MainPID'), await machine.unit('NRestarts')];
  // By both ways: systemctl waits for the end of each reload, a save does not.
  await machine.sh(
    'for i in $(seq 16); do touch /etc/failover/config.ts; sleep 0.5; systemctl reload failover; sleep 0.5; done',
  );
  assert.equal(await machine.unit('NRestarts'), restarts);
  assert.equal(await machine.unit('MainPID'), pid);
  assert.doesNotMatch(
    await machine.sh(`journalctl -b -o cat --no-pager _PID=1 | grep failover || :`),
    /abort/i,
  );
  await machine.sh(`rm -r ${dropIn} && systemctl daemon-reload && systemctl restart failover`);
  await scene.carries('eth1', 'eth1');
});

test('a configuration that only root may read, or none, is reported at start with what to do, and the last one that worked holds', async () => {
  const { machine } = scene;
  const file = '/etc/failover/config.ts';
  const said = async (start: string, pattern: RegExp): Promise<void> => {
    await machine.sh(`${start} && systemctl restart failover`);
    await scene.becomes('active');
    await scene.carries('eth1', 'eth1');
    const journal = () => machine.sh('journalctl -u failover -p err -o cat --no-pager -n 5');
    await machine.until(async () => pattern.test(await journal()), { what: `${pattern} in the journal` });
  };
  await said(
    `chmod 600 ${file}`,
    /may not be read; it must be readable by everyone.*: chmod 644 \/etc\/failover\/config\.ts/,
  );
  await said(`chmod 644 ${file} && mv ${file} /root/config.ts`, /no configuration found/);
  await machine.sh(`mv /root/config.ts ${file}`);
  await machine.until(async () => !/last\s+configuration/.test(await machine.sh('failover status')), {
    what: 'the end of the remark',
  });
});

test('a bad configuration at start is reported, and the last one that worked holds; without one the unit fails, and the old routes stand', async () => {
  const { machine } = scene;
  const [file, routes] = ['/etc/failover/config.ts', await scene.ownDefaults()];
  await machine.sh(`cp ${file} /root/config.ts && sed -i 's/interfaceName/interfaceNam/' ${file}`);
  await machine.sh('systemctl restart failover');
  await scene.becomes('active');
  await scene.carries('eth1', 'eth1');
  await machine.until(
    async () => /last\s+configuration\s+that\s+worked/.test(await machine.sh('failover status')),
    {
      what: 'the remark in failover status',
    },
  );
  await machine.sh('systemctl stop failover && rm /var/lib/failover/last-config.json');
  assert.notEqual((await machine.run(['systemctl', 'start', 'failover'])).code, 0);
  await scene.becomes('failed');
  const status = async () =>
    (await machine.run(['systemctl', 'status', '-l', '--no-pager', 'failover'])).stdout;
  // The journal may be a little behind.
  await machine.until(async () => (await status()).includes('interfaceNam: is not a setting'), {
    what: 'the mistake in systemctl status',
  });
  assert.match(await status(), /status=78/);
  assert.equal(await scene.ownDefaults(), routes);
  const restarts = await machine.unit('NRestarts');
  await machine.sh(`cp /root/config.ts ${file} && rm /root/config.ts && systemctl start failover`);
  await scene.carries('eth1', 'eth1');
  assert.equal(await machine.unit('NRestarts'), restarts);
});
