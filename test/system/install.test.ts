import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import { differences } from './differences.ts';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

let scene: Scene;
let untouched = '';

before(
  async () => {
    scene = await Scene.open();
    // As the packages of dhclient and pppd make them.
    await scene.machine.sh('mkdir -p /etc/dhcp/dhclient-exit-hooks.d /etc/ppp/ip-up.d /etc/ppp/ip-down.d');
    await scene.ssh('true'); // a first login leaves traces of its own
    untouched = await scene.listing();
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

const install = `cd ${download} && ./install 2>&1`;

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
  assert.match(stdout, /something else is already there.*\neverything is as it was before/);
  await scene.machine.sh('rm /usr/local/bin/failover');
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('install on a full disk says so, and undoes everything', async () => {
  const { machine } = scene;
  const folder = '/etc/failover';
  await machine.sh(`mkdir ${folder} && mount -t tmpfs -o size=8m tmpfs ${folder}`);
  const { code, stdout } = await machine.run(['sh', '-c', install]);
  const left = await machine.sh(`ls -A ${folder}; umount ${folder}; rmdir ${folder}`);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /could not copy the program to \/etc\/failover: .*no space left on device/);
  assert.match(stdout, /everything is as it was before/);
  assert.equal(left, '');
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('install --no-start puts everything in place, and enables and starts nothing', async () => {
  const { machine } = scene;
  assert.match(
    await machine.sh(`${install} --no-start`),
    /Not started\. Next: systemctl enable --now failover/,
  );
  assert.equal(await machine.unit('ActiveState'), 'inactive');
  assert.equal(await machine.unit('UnitFileState'), 'disabled');
  assert.equal(await scene.ownDefaults(), '');
  await machine.sh(`cd ${download} && ./uninstall --purge`);
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
  assert.match(stdout, /table 7 is used by someone else: \S*others\.conf has "7 others"/);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('an install that was killed half way leaves nothing that uninstall does not find, and can be done again', async () => {
  const { machine } = scene;
  const killed = `setsid ./install >/dev/null 2>&1 & until [ -d /etc/failover/.new ]; do sleep 0.05; done; kill -9 -$!`;
  await machine.sh(`cd ${download}; ${killed}; test -d /etc/failover/.new`);
  await machine.sh(`cd ${download} && ./uninstall --purge`);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
  await machine.sh(`cd ${download}; ${killed}`); // the next test installs
});

test('install over ssh finds the providers, starts the service, shows how it stands, and cuts no session', async () => {
  const { machine } = scene;
  const endSession = await scene.session();
  const { code, told } = await scene.ssh(install);
  assert.equal(code, 0, told);
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
  assert.ok(longestMs < 1000, `an ssh session from outside was silent for ${longestMs} ms`);
});

test('what DHCP clients and pppd report is known to the service, and to one that starts later', async () => {
  const { machine } = scene;
  const bound = 'interface=eth1 reason=BOUND new_routers=10.10.1.254 new_domain_name_servers=10.10.1.53';
  const dhclient = `${bound} new_expiry=$(($(date +%s) + 7200)) sh -euc '. /etc/dhcp/dhclient-exit-hooks.d/failover'`;
  const lease = async () => (await scene.status()).paths.find(({ path }) => path === 'eth1/4')?.lease;
  await machine.sh(dhclient);
  await until(async () => (await lease())?.dns !== undefined, 'what dhclient reported');
  assert.equal((await lease())?.gateway?.value, '10.10.1.254');
  assert.match(
    await machine.sh('failover status eth1'),
    /reported: gateway 10\.10\.1\.254 \(dhclient, 2 h left\)/,
  );
  await machine.sh('systemctl stop failover');
  await machine.sh('DNS1=10.10.1.54 run-parts /etc/ppp/ip-up.d -a eth1 -a tty -a 1 -a 10.0.0.1 -a 10.0.0.2');
  await until(
    async () => (await machine.run(['test', '-e', '/run/failover-reports.json'])).code === 0,
    'a kept report',
  );
  await machine.sh('systemctl start failover');
  await until(async () => (await lease())?.dns?.source === 'pppd', 'what pppd reported');
  await machine.sh('run-parts /etc/ppp/ip-down.d -a eth1');
  await until(async () => (await lease()) === undefined, 'nothing reported any more');
  assert.equal(await machine.sh('ls /run/failover-reports.json 2>/dev/null || :'), '');
  await scene.carries('eth1', 'eth1');
});

test('install leaves nothing of the program writable by others', async () => {
  assert.equal(
    await scene.machine.sh('find /etc/failover ! -type l -perm /022; find /etc/failover ! -user root'),
    '',
  );
});

test('install a second time changes nothing', async () => {
  const { machine } = scene;
  const [pid, earlier] = [
    await machine.unit('MainPID'),
    await machine.sh('find /etc -newermt @0 -printf "%T@ %p\\n" | sort'),
  ];
  assert.match(await machine.sh(install), /There was nothing to do/);
  assert.equal(await machine.unit('MainPID'), pid);
  assert.deepEqual(
    differences(earlier, await machine.sh('find /etc -newermt @0 -printf "%T@ %p\\n" | sort')),
    [],
  );
});

test('a newer version is installed in place, and the routes stand all the while', async () => {
  const { machine, lab } = scene;
  const file = join(machine.root, download, 'package.json');
  const text = await readFile(file, 'utf8');
  await machine.write(`${download}/package.json`, text.replace(/"version": "[^"]+"/, '"version": "99.0.0"'));
  const watch = await lab.watchRoutes();
  const told = await machine.sh(install);
  assert.match(told, /^- upgrading failover: \S+ → 99\.0\.0$/m);
  assert.match(told, /failover 99\.0\.0/);
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
    'const [name',
    "if (process.argv.includes('run')) throw new Error('broken');\nconst [name",
  );
  assert.notEqual(broken, cli);
  await machine.write(`${download}/src/cli.ts`, broken);
  const watch = await lab.watchRoutes();
  const { code, stdout } = await machine.run(['sh', '-c', install]);
  await machine.write(`${download}/src/cli.ts`, cli);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /Error: broken[\s\S]*everything is as it was before/);
  assert.doesNotMatch(stdout, /IPv4 moves|: systemctl restart failover\.service: /); // earlier runs; twice the same
  await scene.carries('eth1', 'eth1');
  assert.equal((await watch.stop())[4].withoutDefaultMs, 0);
  assert.match(await machine.sh(install), /There was nothing to do/);
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
  assert.equal((await scene.status()).probing.means, 'ping sockets');
});

test('uninstall leaves no trace but the configuration', async () => {
  const { machine } = scene;
  const told = await machine.sh('failover uninstall');
  assert.match(told, /Your configuration was kept: \/etc\/failover\/config\.ts/);
  const removed = told.split('\n').filter((line) => line.startsWith('  '));
  assert.ok(
    removed.some((line) => /service failover\.service: stopped/.test(line)),
    told,
  );
  assert.deepEqual(
    removed.filter((line) => /if empty|folder \/etc\/(failover|iproute2)$/.test(line)),
    [],
  );
  const left = differences(untouched, await scene.listing()).map((line) => line.replace(/ -> $/, ''));
  assert.deepEqual(
    left.filter((line) => !/ \/etc\/failover(\/config\.ts)?$/.test(line)),
    [],
  );
  assert.equal(await scene.exit(), 'eth1'); // by the DHCP client's route
  const again = await machine.sh(`cd ${download} && ./uninstall`);
  assert.match(again, /^Nothing of failover is left .*\nYour configuration was kept: \S+\/config\.ts$/);
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
  // By a download of another version, too.
  await machine.sh(`sed -i 's/"version": "[^"]*"/"version": "0.0.1"/' ${download}/package.json`);
  await machine.sh(
    'kill -9 $(systemctl show --value -p MainPID failover); rm -rf /etc/failover/src /etc/failover/models',
  );
  await machine.sh(`cd ${download} && ./uninstall --purge`);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});
