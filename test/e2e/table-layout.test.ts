import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { type Family, families } from '../../models/path.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { linesOf, openScene, quick, type Scene } from './scene.ts';

const settings = {
  layout: 'table',
  excludes: { networks: ['203.0.113.0/24', '2001:db8:e::/48'] },
} as const;

const scene: Scene = await openScene({
  settings,
  shared: true,
  prepare: async (lab) => {
    // What was there before us: a DHCP client's default at metric 0, and what an earlier run with other settings left.
    await lab.ip('route add default via 10.10.2.254 dev eth2 proto 16');
    await lab.ip6('route add default via 2001:db8:2::fe dev eth2 proto 9 metric 1');
    await lab.ip(
      'rule add pref 9000 lookup 200 protocol 77',
      'rule add pref 8999 to 10.0.0.0/8 goto 9001 protocol 77',
      'rule add pref 9001 lookup main protocol 77',
      'route add default via 10.10.2.254 table 200 proto 77',
    );
    await lab.ip6('rule add pref 9000 lookup 200 protocol 77');
  },
});
after(() => scene.close());
beforeEach(async () => {
  await scene.reliable();
  await through('fibre');
});

/** The device that a destination's packets leave by, from this machine. */
async function deviceTo(destination: string, family: Family): Promise<string | undefined> {
  const words = `route get ${destination}`;
  const said = await (family === 4 ? scene.lab.ip(words) : scene.lab.ip6(words));
  return / dev (\S+)/.exec(said)?.[1];
}

async function through(isp: string, ...which: readonly Family[]): Promise<void> {
  const { device } = scene.lab.isp(isp);
  for (const family of which.length === 0 ? families : which)
    await scene.until(
      async () => (await deviceTo(flowTargets[family], family)) === device,
      `IPv${family} through ${isp}`,
    );
}

function reconfigured(changes: Readonly<Record<string, unknown>>): Promise<void> {
  return scene.reload({ ...quick, ...settings, ...scene.lab.config(), ...changes });
}

test('a default route at metric 0 in main, which a DHCP client made, changes nothing', async () => {
  assert.equal(await deviceTo(flowTargets[4], 4), 'eth1');
  assert.deepEqual((await scene.see()).drift, []);
  const at = Date.now();
  await scene.lab.ip('route del default via 10.10.2.254 dev eth2 proto 16');
  await scene.lab.ip('route add default via 10.10.2.254 dev eth2 proto 16');
  await scene.lab.ip('route append default via 10.10.1.254 dev eth1 proto 16 metric 5');
  assert.equal(await deviceTo(flowTargets[4], 4), 'eth1');
  await scene.assertUnmoved(at);
  const [first] = await scene.routes('default');
  assert.match(first ?? '', /^default via 10\.10\.2\.254 dev eth2 proto dhcp/, 'and it is left alone');
  await scene.lab.ip('route del default via 10.10.1.254 dev eth1 proto 16 metric 5');
});

test('what an earlier run with other preferences left is cleaned up', async () => {
  for (const family of ['-4', '-6']) {
    const rules = linesOf(await scene.lab.run('router', ['ip', '-N', family, 'rule', 'show']));
    const ours = rules.filter((line) => / proto 77\b/.test(line)).map((line) => Number.parseInt(line, 10));
    assert.ok(ours.length > 0);
    assert.deepEqual(
      ours.filter((pref) => (pref < 10_770 || pref > 10_775) && pref !== 32_765 && pref !== 32_766),
      [],
    );
  }
  assert.equal((await scene.lab.run('router', ['ip', '-N', 'route', 'show', 'table', '200'])).trim(), '');
});

test('a failover and a failback move the traffic of both families', async (t) => {
  const flow = await scene.lab.flow();
  const at = await scene.lab.cut('fibre');
  await through('cable');
  const { longestMs } = await flow.settled(at);
  t.diagnostic(`outage ${longestMs} ms`);
  assert.ok(longestMs < 5000, `${longestMs} ms`);
  await scene.lab.heal('fibre');
  await through('fibre');
});

test('excluded destinations, and what main knows better, do not go through our table', async () => {
  await scene.lab.ip(
    'route add 192.0.2.128/25 via 10.10.2.254 dev eth2',
    'route add 9.9.9.0/24 via 10.10.2.254 dev eth2',
  );
  assert.equal(await deviceTo('203.0.113.7', 4), 'eth2', 'excluded by name');
  assert.equal(await deviceTo('9.9.9.9', 4), 'eth2', 'more specific in main');
  assert.equal(await deviceTo('8.8.8.8', 4), 'eth1');
  assert.equal(await deviceTo('2001:db8:e::1', 6), 'eth2');
  assert.equal(await deviceTo('2606:4700:4700::1111', 6), 'eth1');
  await scene.lab.ip('route del 192.0.2.128/25', 'route del 9.9.9.0/24');
  assert.equal(await deviceTo('172.20.1.1', 4), 'eth1');
  await reconfigured({ excludes: { reserved: true } });
  await scene.until(async () => (await deviceTo('172.20.1.1', 4)) === 'eth2', 'reserved blocks excluded');
  assert.equal(await deviceTo('203.0.113.7', 4), 'eth2', 'one of them');
  assert.equal(await deviceTo('8.8.8.8', 4), 'eth1');
  await reconfigured({});
});

test('only managed prefixes are routed by us; the rest goes by main', async () => {
  await reconfigured({ routes: ['198.51.100.0/24', '2001:db8:fffe::/48'], excludes: {} });
  await through('fibre');
  const others = async (): Promise<boolean> => (await deviceTo('8.8.8.8', 4)) === 'eth2';
  await scene.until(others, "other destinations by main's default");
  await scene.lab.cut('fibre');
  await through('cable');
  await scene.lab.heal('fibre');
  await through('fibre');
  await reconfigured({});
});

for (const [allDown, expected] of [
  ['keep', /^198\.51\.100\.1 .*dev eth1/],
  ['remove', /^198\.51\.100\.1 .*dev eth2/],
  ['unreachable', /unreachable|No route to host|Network is unreachable/],
] as const)
  test(`with everything down and allDown '${allDown}'`, async () => {
    await reconfigured({ allDown, failback: 'never' });
    await through('fibre');
    const { device } = scene.lab.isp('cable');
    await scene.lab.cut('cable');
    await scene.until(async () => (await scene.path('cable')).liveness === 'down', 'cable down');
    await scene.lab.cut('fibre');
    await scene.until(async () => (await scene.path('fibre')).liveness === 'down', 'fibre down');
    await scene.until(
      async () =>
        expected.test(
          await scene.lab.ip(`route get ${flowTargets[4]}`).catch((error: unknown) => String(error)),
        ),
      `${expected} (cable is ${device})`,
    );
    await scene.lab.heal('fibre');
    await through('fibre', 4);
    await scene.reliable();
    await reconfigured({});
  });

test('other preferences take the place of ours without a moment between', async () => {
  const flow = await scene.lab.flow();
  const at = Date.now();
  await reconfigured({ rulePreference: 20_000, activeTableId: 300 });
  const moved = async (): Promise<boolean> => {
    const rules = await scene.lab.ip('-N rule show').catch(() => '');
    const listed = rules === '' ? await scene.lab.run('router', ['ip', '-N', 'rule', 'show']) : rules;
    return /^20012:.* lookup 300/m.test(listed) && !/^107\d\d:/m.test(listed);
  };
  await scene.until(moved, 'rules at their new preferences');
  const { longestMs } = await flow.settled(at);
  assert.ok(longestMs < 500, `${longestMs} ms`);
  await reconfigured({});
});

test('stopping with onStop remove hands the traffic to main without a moment between', async () => {
  await reconfigured({ onStop: 'remove' });
  const flow = await scene.lab.flow();
  const at = Date.now();
  await scene.daemon.stop();
  const { longestMs } = await flow.settled(at);
  assert.ok(longestMs < 500, `${longestMs} ms`);
  assert.equal(await deviceTo(flowTargets[4], 4), 'eth2');
  for (const family of families) assert.equal(await scene.ours(family), '');
  assert.equal((await scene.lab.run('router', ['ip', 'nexthop', 'show', 'proto', '77'])).trim(), '');
});
