/** Secrets on a really booted machine: from standard input into a scenario, and nowhere else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

const folder = '/etc/failover/secrets';
const text = 'correct-horse-battery';
const config = `export default {
  providers: [
    { id: 'eth1', interfaceName: 'eth1', rtTableId: 101, rtTableName: 'wan-eth1' },
    { id: 'eth2', interfaceName: 'eth2', rtTableId: 102, rtTableName: 'wan-eth2' },
  ],
  testScenarios: [
    { ping: 'gateway' },
    { exec: ['/bin/sh', '-c', 'test "$TOKEN" = "prefix-${text}" || { echo "$TOKEN is not it"; env | grep -i -e credentials -e failover_secret; exit 1; }'],
      env: { TOKEN: { secret: 'probe', prefix: 'prefix-' } } },
  ],
  requiredSuccessful: 'all',
};`;
// The text itself must not be in the file: the program compares with what it is given by another name.
const withoutText = config.replace(`prefix-${text}`, 'prefix-$(printf %s correct-)horse-battery');
let scene: Scene;

before(
  async () => {
    scene = await Scene.open();
    await scene.machine.write('/root/config.ts', withoutText);
    await scene.machine.sh(`cd ${download} && ./install --config /root/config.ts 2>&1`);
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

const unset = 'the secret "probe" is not set: sudo failover secret set probe';

test('install makes a folder that only root may look into, and the service starts without any secret', async () => {
  const { machine } = scene;
  assert.equal(await machine.sh(`stat -c '%a %U' ${folder}`), '700 root');
  await scene.becomes('active');
  await machine.until(
    async () => (await machine.sh('failover status')).replaceAll(/\s+/g, ' ').includes(unset),
    {
      what: 'the complaint',
    },
  );
  assert.match(await machine.sh('failover check'), /Worth a look:\n.*the secret "probe" is not set/);
});

test('failover secret set keeps it for root, and a restart gives it to the service', async () => {
  const { machine } = scene;
  const said = await machine.sh(`echo ${text} | failover secret set probe`);
  assert.match(said, /after a restart .*systemctl restart failover/);
  assert.equal(await machine.sh(`stat -c '%a %U' ${folder}/probe`), '600 root');
  assert.equal(await machine.sh('failover secret list'), 'probe');
  assert.doesNotMatch(await machine.sh('failover check'), /not set/);
  await machine.sh('systemctl restart failover');
  await scene.carries('eth1', 'eth1');
  const areReliable = async (): Promise<boolean> => {
    const four = (await scene.status()).paths.filter(({ path }) => path.endsWith('/4'));
    return four.length > 0 && four.every(({ health }) => health === 'reliable');
  };
  await machine.until(areReliable, { what: 'checks that pass with the secret' });
});

test('nothing shows it', async () => {
  const { machine } = scene;
  const pid = await machine.unit('MainPID');
  const places = {
    journal: 'journalctl -o export --no-pager',
    status: 'failover status --json',
    why: 'failover why --json',
    check: 'failover check --json',
    plan: 'failover plan --json',
    state: 'cat /var/lib/private/failover/*',
    environment: `tr '\\0' '\\n' < /proc/${pid}/environ`,
    processes:
      'for i in 1 2 3 4 5 6 7 8 9 10; do cat /proc/[0-9]*/cmdline 2>/dev/null || true; sleep 0.1; done',
  };
  for (const [place, command] of Object.entries(places))
    assert.ok(!(await machine.sh(command)).includes(text), `it is in ${place}`);
  assert.ok((await machine.sh(`cat ${folder}/probe`)).includes(text), 'the search finds what is there');
});

test('the service starts again when the folder is gone, and the next secret makes it', async () => {
  const { machine } = scene;
  await machine.sh(`rm -r ${folder} && systemctl restart failover`);
  await scene.becomes('active');
  await machine.sh(`echo ${text} | failover secret set probe`);
  assert.equal(await machine.sh(`stat -c '%a %U' ${folder}`), '700 root');
});

test('uninstall keeps secrets, and --purge takes them', async () => {
  const { machine } = scene;
  assert.match(await machine.sh('failover uninstall'), /Your secrets were kept: \/etc\/failover\/secrets/);
  assert.equal(await machine.sh(`cat ${folder}/probe`), text);
  await machine.sh(`cd ${download} && ./uninstall --purge`);
  assert.equal((await machine.run(['ls', '/etc/failover'])).code, 2);
});
