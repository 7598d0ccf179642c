import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

let scene: Scene;
let untouched = '';

before(
  async () => {
    scene = await Scene.open();
    untouched = await scene.listing();
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

const install = `cd ${download} && ./install 2>&1`;

/** The lines that differ, for a message a person can read. */
function differences(before: string, after: string): string[] {
  const [one, other] = [before, after].map((text) => new Set(text.split('\n')));
  return [
    ...[...(one ?? [])].filter((line) => !other?.has(line)).map((line) => `- ${line}`),
    ...[...(other ?? [])].filter((line) => !one?.has(line)).map((line) => `+ ${line}`),
  ];
}

test('install --dry-run prints every file, unit and command, and changes nothing', async () => {
  const told = await scene.machine.sh(`${install.replace('./install', './install --dry-run')}`);
  for (const part of [
    'copy the program to /etc/failover',
    'rt_tables.d/failover.conf',
    'Type=notify',
    "id: 'eth1'",
  ])
    assert.ok(told.includes(part), `"${part}" is missing in:\n${told}`);
  assert.match(told, /systemctl start failover\.service/);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('install undoes everything when a step fails', async () => {
  await scene.machine.sh('echo mine > /usr/local/bin/failover');
  const { code, stdout } = await scene.machine.run(['sh', '-c', install]);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /something else is there already.*\neverything is as it was before/);
  await scene.machine.sh('rm /usr/local/bin/failover');
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('install refuses table numbers that others use', async () => {
  const config =
    "export default { providers: [{ id: 'a', interfaceName: 'eth1', rtTableId: 7, rtTableName: 'mine' }] };";
  await scene.machine.write('/root/mine.ts', config);
  const folder = '/etc/iproute2/rt_tables.d'; // Debian 13 has none
  await scene.machine.sh(`mkdir -p ${folder}; echo 7 others > ${folder}/others.conf`);
  const { code, stdout } = await scene.machine.run(['sh', '-c', `${install} --config /root/mine.ts`]);
  const clean = `rm ${folder}/others.conf /root/mine.ts; rmdir -p --ignore-fail-on-non-empty ${folder}`;
  await scene.machine.sh(clean);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /table 7 is used by someone else: \S*others\.conf has '7 others'/);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('install finds the providers, starts the service, shows how it stands, and cuts no session', async () => {
  const { machine } = scene;
  const endSession = await scene.session();
  const told = await machine.sh(install);
  assert.match(told, /providers found, the preferred one first: eth1, eth2/);
  assert.match(told, /IPv4 goes through eth1/);
  assert.match(told, /Next: edit \/etc\/failover\/config\.ts/);
  await scene.carries('eth1', 'eth1');
  assert.equal(await machine.unit('ActiveState'), 'active');
  assert.equal(await machine.unit('UnitFileState'), 'enabled');
  assert.match(await machine.unit('StatusText'), /^IPv4 goes through eth1/);
  assert.match(await machine.sh('ip route show table wan-eth1'), /^default via 10\.10\.1\.254 dev eth1/m);
  assert.match(await scene.lab.ip('route show default proto dhcp'), /metric 200.*\n.*metric 201/);
  const longestMs = await endSession(); // a lost packet would be sent again after 200 ms
  assert.ok(longestMs < 1000, `a session from outside was silent for ${longestMs} ms`);
});

test('install leaves nothing of the program writable by others', async () => {
  assert.equal(
    await scene.machine.sh('find /etc/failover ! -type l -perm /022; find /etc/failover ! -user root'),
    '',
  );
});

test('install makes a service with two capabilities that systemd calls safe', async () => {
  const { machine } = scene;
  const pid = await machine.unit('MainPID');
  const status = await machine.sh(`cat /proc/${pid}/status`);
  assert.doesNotMatch(status, /^Uid:\t0\t/m);
  assert.match(status, /^CapEff:\t0000000000003000$/m); // CAP_NET_ADMIN, CAP_NET_RAW
  const verdict = await machine.sh('systemd-analyze security failover --no-pager | tail -n 1');
  const exposure = Number(/: ([0-9.]+) /.exec(verdict)?.[1]);
  assert.ok(exposure <= 2, verdict);
  assert.equal(await machine.sh('cat /proc/sys/net/ipv4/conf/eth1/ignore_routes_with_linkdown'), '1');
  assert.equal((await scene.status()).probing.means, 'icmp socket');
  assert.equal(await machine.sh('journalctl -u failover -p warning -o cat --no-pager'), '');
});

test('install pings by the program, too, where ping sockets are not permitted', async () => {
  const { machine } = scene;
  await machine.sh("echo '1 0' > /proc/sys/net/ipv4/ping_group_range; systemctl restart failover");
  await machine.until(
    async () => {
      const { probing, paths } = await scene.status();
      return probing.means === 'ping program' && paths.every(({ samples }) => samples > 0);
    },
    { what: 'checks by the ping program' },
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

test('install a second time changes nothing', async () => {
  const { machine } = scene;
  const [pid, earlier] = [
    await machine.unit('MainPID'),
    await machine.sh('find /etc -newermt @0 -printf "%T@ %p\\n" | sort'),
  ];
  assert.match(await machine.sh(install), /Nothing was left to do/);
  assert.equal(await machine.unit('MainPID'), pid);
  assert.deepEqual(
    differences(earlier, await machine.sh('find /etc -newermt @0 -printf "%T@ %p\\n" | sort')),
    [],
  );
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
  assert.match(member.stdout, /IPv4 goes through/, member.stderr);
  assert.equal(stranger.code, 1);
  await scene.carries('eth1', 'eth1');
});

test('a provider that dies is left, and the journal tells the decision as a notice', async () => {
  await scene.lab.cut('fibre');
  await scene.carries('eth2', 'eth2');
  const notices = await scene.machine.sh('journalctl -u failover -p notice -o cat');
  assert.match(notices, /IPv4 moves from eth1 to eth2/);
  assert.doesNotMatch(notices, /kind=life/);
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

test('a bad configuration at start fails the unit with its mistakes, and the old routes stand', async () => {
  const { machine } = scene;
  const [file, routes] = ['/etc/failover/config.ts', await scene.ownDefaults()];
  await machine.sh(`cp ${file} /root/config.ts && sed -i 's/interfaceName/interfaceNam/' ${file}`);
  assert.notEqual((await machine.run(['systemctl', 'restart', 'failover'])).code, 0);
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

test('a newer version is installed in place, and the routes stand all the while', async () => {
  const { machine, lab } = scene;
  const file = join(machine.root, download, 'package.json');
  const text = await readFile(file, 'utf8');
  await machine.write(`${download}/package.json`, text.replace(/"version": "[^"]+"/, '"version": "99.0.0"'));
  const watch = await lab.watchRoutes();
  assert.match(await machine.sh(install), /failover 99\.0\.0/);
  await scene.carries('eth1', 'eth1');
  assert.equal((await watch.stop())[4].withoutDefaultMs, 0);
  assert.equal((await scene.status()).version, '99.0.0');
  assert.equal(await machine.sh('ls -A /etc/failover | grep "^\\.\\(old\\|new\\)" || :'), '');
});

test('an upgrade that cannot start brings the earlier version back', async () => {
  const { machine, lab } = scene;
  const cli = await readFile(join(machine.root, download, 'src/cli.ts'), 'utf8');
  // It installs, but its daemon does not run.
  const broken = cli.replace(
    'await program',
    "if (process.argv.includes('run')) throw new Error('broken');\nawait program",
  );
  await machine.write(`${download}/src/cli.ts`, broken);
  const watch = await lab.watchRoutes();
  const { code, stdout } = await machine.run(['sh', '-c', install]);
  await machine.write(`${download}/src/cli.ts`, cli);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /Error: broken[\s\S]*everything is as it was before/);
  await scene.carries('eth1', 'eth1');
  assert.equal((await watch.stop())[4].withoutDefaultMs, 0);
  assert.match(await machine.sh(install), /Nothing was left to do/);
});

test('a reboot brings it back by itself', async () => {
  const { machine, lab } = scene;
  await machine.shutDown();
  assert.notEqual(await scene.ownDefaults(), ''); // stopped, not removed
  await lab.ip('route flush proto 77 table all', 'rule flush protocol 77'); // what a power cycle does
  await scene.resetSettings();
  await machine.boot();
  await machine.useKernelBootId();
  await scene.carries('eth1', 'eth1');
  assert.equal((await scene.status()).probing.means, 'icmp socket');
});

test('uninstall leaves no trace but the configuration', async () => {
  const { machine } = scene;
  const told = await machine.sh('failover uninstall');
  assert.match(told, /Your configuration was kept: \/etc\/failover\/config\.ts/);
  const left = differences(untouched, await scene.listing()).map((line) => line.replace(/ -> $/, ''));
  assert.deepEqual(
    left.filter((line) => !/ \/etc\/failover(\/config\.ts)?$/.test(line)),
    [],
  );
  assert.equal(await scene.exit(), 'eth1'); // by the DHCP client's route
});

test('install again keeps the configuration, and uninstall --purge takes that, too', async () => {
  const { machine } = scene;
  await machine.sh("sed -i \"s/reaction: 'normal'/reaction: 'calm'/\" /etc/failover/config.ts");
  assert.match(await machine.sh(install), /keeping \/etc\/failover\/config\.ts/);
  assert.match(await machine.sh('cat /etc/failover/config.ts'), /reaction: 'calm'/);
  await scene.carries('eth1', 'eth1');
  await machine.sh(`cd ${download} && ./uninstall --purge`);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('uninstall also takes away what is half there', async () => {
  const { machine } = scene;
  await machine.sh(install);
  await machine.sh(
    'kill -9 $(systemctl show --value -p MainPID failover); rm -rf /etc/failover/src /etc/failover/models',
  );
  await machine.sh(`cd ${download} && ./uninstall --purge`);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});
