/** What the service may not exceed, and a disk that is full. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Decision } from '../../models/decision.ts';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

const state = '/var/lib/private/failover';
let scene: Scene;

before(
  async () => {
    scene = await Scene.open({ limits: true });
    await scene.machine.sh(`cd ${download} && ./install 2>&1`);
    await scene.carries('eth1', 'eth1');
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

/** A file of the service's control group, of either version. */
async function group(controller: string, old: string, name = old): Promise<string> {
  const place = await scene.machine.unit('ControlGroup');
  return scene.machine.sh(
    `cat /sys/fs/cgroup/${controller}${place}/${old} 2>/dev/null || cat /sys/fs/cgroup${place}/${name}`,
  );
}

/** Runs a line of shell inside the service's control groups. */
async function within(line: string): Promise<string> {
  const place = await scene.machine.unit('ControlGroup');
  const files = ['memory', 'pids'].map((name) => `/sys/fs/cgroup/${name}${place}/cgroup.procs`);
  const enter = `for f in ${files.join(' ')} /sys/fs/cgroup${place}/cgroup.procs; do [ ! -e $f ] || echo $$ > $f; done`;
  const { stdout, stderr } = await scene.machine.run(['sh', '-c', `${enter}; ${line}`]);
  return `${stdout}${stderr}`;
}

test('memory and tasks of the service are limited, and it needs a small part of either', async () => {
  const limits = await Promise.all([
    group('memory', 'memory.limit_in_bytes', 'memory.max'),
    group('pids', 'pids.max'),
  ]);
  assert.deepEqual(limits.map(Number), [512 * 2 ** 20, 512]);
  const bytes = Number(await group('memory', 'memory.usage_in_bytes', 'memory.current'));
  const tasks = Number(await group('pids', 'pids.current'));
  assert.ok(bytes > 10 * 2 ** 20 && bytes < 256 * 2 ** 20, `${bytes} bytes`);
  assert.ok(tasks >= 2 && tasks < 64, `${tasks} tasks`);
});

test('the limit on tasks is in force', async () => {
  const told = await within('i=0; while [ $i -lt 600 ]; do i=$((i + 1)); sleep 5 & done 2>&1');
  assert.match(told, /[Cc]annot fork/);
});

test('what takes more memory than the service may have is ended, and the service serves on', async () => {
  const routes = await scene.ownDefaults();
  // A gigabyte, unless somebody ends it.
  const told = await within('head -c 1073741824 /dev/zero | tail -c 1073741824 | wc -c');
  assert.doesNotMatch(told, /1073741824/);
  assert.equal(await scene.ownDefaults(), routes);
  await scene.becomes('active');
  await scene.carries('eth1', 'eth1');
});

async function stored(): Promise<readonly Decision[]> {
  const text = await scene.machine.sh(`cat ${state}/state.json`);
  return (JSON.parse(text) as { history: readonly Decision[] }).history; // as src/store.ts writes it
}

const isMove = ({ sentence }: Decision): boolean => /moves from eth1 to eth2/.test(sentence);

test('on a full disk decisions go on, the journal says so once, and nothing is lost when there is space again', async () => {
  const { machine, lab } = scene;
  await machine.sh(`systemctl stop failover && mount -t tmpfs -o size=256k tmpfs ${state}`);
  await machine.sh('systemctl start failover');
  await scene.carries('eth1', 'eth1');
  await machine.until(async () => (await stored()).length > 0, { what: 'the first state' });
  await machine.sh(`cat /dev/zero > ${state}/filler 2>/dev/null || :`);
  await lab.cut('fibre');
  await scene.carries('eth2', 'eth2');
  const warnings = () => machine.sh('journalctl -u failover -p warning -o cat --no-pager');
  await machine.until(async () => (await warnings()).includes('ENOSPC'), { what: 'the warning' });
  assert.match(await warnings(), /the state cannot be stored, a restart would start afresh: ENOSPC/);
  assert.equal((await stored()).filter(isMove).length, 0); // whole, as it was before
  await machine.sh(`rm ${state}/filler`);
  await machine.until(async () => (await stored()).some(isMove), { what: 'the decision on disk' });
  await machine.until(async () => (await warnings()).includes('can be stored again'), {
    what: 'the all-clear',
  });
  assert.equal((await warnings()).match(/cannot be stored/g)?.length, 1);
  await machine.sh('systemctl restart failover');
  await scene.carries('eth2', 'eth2');
  assert.match(await machine.sh('failover history'), /moves from eth1 to eth2/);
  await lab.heal('fibre');
});

test('a start with a full disk serves, too', async () => {
  const { machine } = scene;
  await machine.sh(
    `systemctl stop failover && rm -f ${state}/state.json && { cat /dev/zero > ${state}/filler 2>/dev/null || :; }`,
  );
  await machine.sh('systemctl start failover');
  await machine.until(
    async () => (await scene.exit()) !== undefined && (await machine.unit('ActiveState')) === 'active',
    {},
  );
  assert.match((await scene.status()).active[4][0] ?? '', /^eth[12]$/);
});
