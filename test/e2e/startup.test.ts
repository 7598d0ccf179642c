/** The first seconds: how soon the routes stand, what is taken over, and what `auto` finds. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import { createLab } from '../../src/lab/lab.ts';
import type { LabDaemon } from '../../src/lab/lab-daemon.ts';
import { quick, Scene, twoIsps } from './scene.ts';

const lab = await createLab({ isps: twoIsps });
after(() => lab.close());
const state = join(lab.folder, 'state', 'state.json');
const auto = {
  ...quick,
  providers: twoIsps.map(({ name, device }) => ({ id: name, interfaceName: device })),
};
let daemon: LabDaemon | undefined;

/** A machine that no daemon of ours has ever run on. */
afterEach(async () => {
  if (daemon?.exitCode === undefined) await daemon?.kill();
  await rm(state, { force: true });
  for (const family of ['-4', '-6']) {
    await lab.run('router', ['ip', family, 'route', 'flush', 'default']);
    await lab.run('router', ['ip', family, 'route', 'flush', 'table', 'all', 'proto', '77']);
    await lab.run('router', ['ip', family, 'rule', 'flush', 'protocol', '77']);
  }
});

async function start(config: Parameters<typeof lab.writeConfig>[0]): Promise<Scene> {
  daemon = await lab.daemon({ config });
  return new Scene(lab, daemon);
}

/** A default as a DHCP client or a router advertisement leaves it. */
async function foreignDefault(index: 1 | 2, metric: number): Promise<void> {
  await lab.ip(`route add default via 10.10.${index}.254 dev eth${index} metric ${metric} proto dhcp`);
  await lab.ip6(`route add default via 2001:db8:${index}::fe dev eth${index} metric ${metric} proto ra`);
}

test('start() has the routes in place within seconds of the exec', async (t) => {
  const from = performance.now();
  const scene = await start({ ...lab.config(), ...quick });
  await scene.carries('fibre');
  const ms = performance.now() - from;
  t.diagnostic(`${ms.toFixed(0)} ms from exec to routes`);
  assert.ok(ms < 5000, `it took ${ms} ms`);
});

test('start() without a memory takes over what carries the traffic, instead of moving it', async () => {
  await foreignDefault(2, 1000);
  const watch = await lab.watchRoutes();
  const scene = await start({ ...lab.config(), ...quick, failback: 'never' });
  await scene.carries('cable');
  await scene.until(() => scene.isNow('fibre', 'reliable'), 'a verdict on fibre');
  await sleep(1500); // longer than a failback would take
  await scene.carries('cable');
  assert.deepEqual(await scene.switches(0), []);
  const reports = await watch.stop();
  for (const family of families) {
    assert.deepEqual(reports[family].gaps, []);
    assert.equal(reports[family].switches, 0);
  }
  const foreign = await scene.routes('default metric 1000');
  assert.equal(foreign.length, 1, 'and leaves the foreign route alone');
});

test('start() fails back from what it took over, to the first provider, in its time', async () => {
  await foreignDefault(2, 1000);
  const watch = await lab.watchRoutes();
  const scene = await start({ ...lab.config(), ...quick });
  await scene.until(async () => (await scene.see()).active[4][0] === 'cable', 'cable');
  await scene.carries('fibre');
  for (const family of families) assert.deepEqual(await scene.switches(0, family), ['cable → fibre']);
  assert.deepEqual((await watch.stop())[4].gaps, []);
});

test('start() does not wait for a dead first provider while another one passes its checks', async () => {
  await lab.cut('fibre');
  try {
    const scene = await start(lab.config()); // at its usual pace
    for (const family of families) await scene.carries('cable', family);
    const decisions = await scene.decisions();
    const begun = decisions.find(({ kind }) => kind === 'lifecycle')?.at ?? 0;
    for (const family of families) {
      const moves = decisions.filter((one) => one.kind === 'switch' && one.family === family);
      assert.deepEqual(
        moves.map(({ from, to }) => [from, to]),
        [
          [undefined, 'fibre'],
          ['fibre', 'cable'],
        ],
      );
      assert.match(moves[1]?.reason ?? '', /fibre has not passed a check yet: no answer/);
      const ms = (moves[1]?.at ?? 0) - begun;
      assert.ok(ms < 3000, `it took ${ms} ms`);
    }
  } finally {
    await lab.heal('fibre');
  }
});

test('start() keeps the choice of our own routes, whatever happened to the store', async () => {
  const config = { ...lab.config(), ...quick, failback: 'never' };
  const first = await start(config);
  await first.carries('fibre');
  await lab.cut('fibre');
  await first.carries('cable');
  await lab.heal('fibre');
  await first.daemon.kill();
  await rm(state);
  const watch = await lab.watchRoutes();
  const second = await start(config);
  await second.until(() => second.isNow('fibre', 'reliable'), 'a verdict on fibre');
  await sleep(1500);
  await second.carries('cable');
  assert.deepEqual(await second.switches(0), []);
  const reports = await watch.stop();
  for (const family of families) assert.equal(reports[family].switches, 0);
});

test('start() with nothing but ids and interfaces learns addresses, networks and gateways', async () => {
  await foreignDefault(1, 1000);
  await foreignDefault(2, 1001);
  const scene = await start(auto);
  await scene.calm();
  const { binding } = await scene.path('cable');
  assert.equal(binding?.address, '10.10.2.1');
  assert.equal(binding?.network, '10.10.2.0/24');
  assert.equal(binding?.gateway, '10.10.2.254');
  assert.equal((await scene.path('fibre', 6)).binding?.gateway, '2001:db8:1::fe');
  await lab.cut('fibre');
  await scene.carries('cable');
  await lab.heal('fibre');
});

test('a learnt gateway is remembered when the lease is gone, across kill -9 and without the store', async () => {
  await foreignDefault(1, 1000);
  await foreignDefault(2, 1001);
  const scene = await start(auto);
  await scene.calm();
  await lab.run('router', ['ip', '-4', 'route', 'flush', 'default', 'proto', 'dhcp']);
  await lab.run('router', ['ip', '-6', 'route', 'flush', 'default', 'proto', 'ra']);
  const at = Date.now();
  await sleep(500);
  await scene.carries('fibre');
  for (const family of families) assert.deepEqual(await scene.switches(at, family), []);
  for (const withStore of [true, false]) {
    await daemon?.kill();
    if (!withStore) await rm(state);
    const again = await start(auto);
    await again.calm();
    assert.equal((await again.path('cable')).binding?.gateway, '10.10.2.254');
    assert.equal((await again.path('cable', 6)).binding?.gateway, '2001:db8:2::fe');
  }
});

test('a gateway that nobody told of is waited for, and used as soon as it is known', async () => {
  const scene = await start(auto);
  await scene.until(
    async () => /no IPv4 gateway is known for eth1/.test((await scene.path('fibre')).why),
    'the reason',
  );
  assert.equal(await scene.best(4), undefined);
  await foreignDefault(1, 1000);
  await scene.carries('fibre');
  await foreignDefault(2, 1001);
  await scene.calm();
});
