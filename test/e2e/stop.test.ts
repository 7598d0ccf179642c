/** The daemon's end: SIGTERM and SIGINT, `onStop: 'keep'` and `'remove'`. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createLab } from '../../src/lab/lab.ts';
import type { LabConfig } from '../../src/lab/lab-config.ts';
import type { LabDaemon } from '../../src/lab/lab-daemon.ts';
import { linesOf, quick, Scene, twoIsps } from './scene.ts';

const lab = await createLab({ isps: twoIsps });
after(() => lab.close());

const settings = ['eth1', 'eth2'].flatMap((device) => [
  `/proc/sys/net/ipv4/conf/${device}/rp_filter`,
  `/proc/sys/net/ipv4/conf/${device}/ignore_routes_with_linkdown`,
  `/proc/sys/net/ipv6/conf/${device}/ignore_routes_with_linkdown`,
]);
await lab.run('router', ['tee', ...settings.slice(0, 1)], '1');
// Somebody's own default and rule: no business of ours.
await lab.ip(
  'route add default via 10.10.2.254 dev eth2 metric 4000',
  'rule add pref 77 to 192.0.2.0/24 lookup 77',
);
await lab.ip6('route add default via 2001:db8:2::fe dev eth2 metric 4000');

const before = await everything();

/** All routes, rules and device settings of the router that we could have touched. */
async function everything(): Promise<string[]> {
  const listings = await Promise.all([
    lab.ip('route show table all'),
    lab.ip('rule show'),
    lab.ip6('route show table all'),
    lab.ip6('rule show'),
  ]);
  const values = linesOf(await lab.run('router', ['grep', '-H', '', ...settings]));
  return [...listings.flatMap((listing) => linesOf(listing).sort()), ...values];
}

async function start(config: Partial<LabConfig>): Promise<{ daemon: LabDaemon; scene: Scene }> {
  const daemon = await lab.daemon({ config: { ...lab.config(), ...quick, ...config } });
  const scene = new Scene(lab, daemon);
  await scene.calm();
  return { daemon, scene };
}

async function stopsWell(daemon: LabDaemon): Promise<void> {
  const { code, ms } = await daemon.stop();
  assert.equal(code, 0, daemon.lines.slice(-5).join('\n'));
  assert.ok(ms < 5000, `it took ${ms} ms`);
  assert.match(daemon.lines.at(-1) ?? '', /failover stopped: it got SIGTERM/);
}

test("stop() with onStop 'remove' puts back every route, rule and setting of both families", async () => {
  const { daemon } = await start({ onStop: 'remove' });
  assert.notDeepEqual(await everything(), before);
  await stopsWell(daemon);
  assert.deepEqual(await everything(), before);
});

test("stop() with onStop 'keep' leaves everything; a later run still knows the settings of the beginning", async () => {
  const { daemon } = await start({});
  const during = await everything();
  await stopsWell(daemon);
  assert.deepEqual(await everything(), during);
  const second = await start({ onStop: 'remove' });
  await second.daemon.kill();
  assert.deepEqual(await everything(), during, 'kill -9 takes nothing away');
  const third = await start({ onStop: 'remove' });
  await stopsWell(third.daemon);
  assert.deepEqual(await everything(), before);
});

test("stop() with onStop 'remove' also in the middle of a failover, and while everything is down", async () => {
  for (const isps of [['fibre'], ['fibre', 'cable']]) {
    const { daemon, scene } = await start({ onStop: 'remove' });
    for (const isp of isps) await lab.cut(isp);
    await scene.until(() => scene.isNow('fibre', 'unreliable'), 'the verdict on fibre');
    await stopsWell(daemon);
    assert.deepEqual(await everything(), before);
    for (const isp of isps) await lab.heal(isp);
  }
});

test('stop() at once after the start, and by SIGINT', async () => {
  const first = await lab.daemon({ config: { ...lab.config(), ...quick, onStop: 'remove' } });
  await first.line(/failover \S+ started/);
  assert.equal((await first.stop()).code, 0, first.lines.join('\n'));
  assert.deepEqual(await everything(), before);
  const { daemon } = await start({ onStop: 'remove' });
  await daemon.kill('SIGINT');
  assert.equal(daemon.exitCode, 0);
  assert.deepEqual(await everything(), before);
});

test('stop() is whole also when the signal comes twice, as from timeout(1)', async () => {
  const { daemon } = await start({ onStop: 'remove' });
  process.kill(daemon.pid, 'SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 5)); // signals that come together are one
  await stopsWell(daemon);
  assert.deepEqual(await everything(), before);
});
