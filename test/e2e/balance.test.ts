import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Family, families } from '../../models/path.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { LabConfig } from '../../src/lab/lab-config.ts';
import { addClient, forgetPorts, portsByIsp, sendFlows, watchPorts } from './lan.ts';
import { linesOf, openScene, quick, type Scene } from './scene.ts';

const isps = [
  { name: 'fibre', device: 'eth1' },
  { name: 'cable', device: 'eth2' },
  { name: 'dsl', device: 'eth3' },
];
const weights: Readonly<Record<string, number>> = { fibre: 3, cable: 1, dsl: 1 };

/** Three providers of one tier; `weighted`: fibre has three fifths. */
function shared(lab: Lab, settings: Readonly<Record<string, unknown>>, weighted = false): LabConfig {
  const providers = lab.config().providers.map((provider) => ({
    ...provider,
    tier: 1,
    weight: weighted ? weights[String(provider['id'])] : 1,
  }));
  return { providers, connectionMarks: false, ...settings };
}

const scene: Scene = await openScene({
  isps,
  shared: true,
  config: (lab) => shared(lab, {}, true),
  prepare: async (lab) => {
    await addClient(lab);
    await watchPorts(lab);
  },
});
after(() => scene.close());

async function shares(...ids: readonly string[]): Promise<void> {
  const isShared = async (): Promise<boolean> => {
    const { active } = await scene.see();
    return families.every((family) => [...active[family]].sort().join() === [...ids].sort().join());
  };
  await scene.until(isShared, `traffic shared by ${ids.join(' and ')}`);
}

async function reconfigure(settings: Readonly<Record<string, unknown>>): Promise<void> {
  await scene.reload({ ...quick, ...shared(scene.lab, settings) });
  await shares('fibre', 'cable', 'dsl');
}

/** Where each port went. */
async function placed(): Promise<ReadonlyMap<number, string>> {
  const places = new Map<number, string>();
  for (const [isp, ports] of await portsByIsp(scene.lab)) for (const port of ports) places.set(port, isp);
  return places;
}

for (const family of families)
  test(`IPv${family}: new connections are shared by weight`, async (t) => {
    await shares('fibre', 'cable', 'dsl');
    await forgetPorts(scene.lab);
    const flows = await sendFlows(family, { count: 2000, firstPort: 20_000, everyMs: 500 });
    const places = await scene
      .until(async () => (await placed()).size === 2000, '2,000 flows seen')
      .then(placed);
    flows.close();
    const chi = ['fibre', 'cable', 'dsl'].map((isp) => {
      const seen = [...places.values()].filter((place) => place === isp).length;
      const expected = (2000 * (weights[isp] ?? 0)) / 5;
      return { isp, seen, part: (seen - expected) ** 2 / expected };
    });
    const sum = chi.reduce((total, { part }) => total + part, 0);
    t.diagnostic(`${chi.map(({ isp, seen }) => `${isp} ${seen}`).join(', ')}; chi-square ${sum.toFixed(1)}`);
    assert.ok(sum < 27.6, `chi-square ${sum} with 2 degrees of freedom: one in a million by chance`);
  });

test('the kernel has one group that every default leads to', async () => {
  const [best] = await scene.routes('default');
  assert.match(best ?? '', /^default nhid 774508000 proto 77 metric 77/);
  const groups = linesOf(await scene.lab.run('router', ['ip', 'nexthop', 'show', 'proto', '77', 'groups']));
  assert.equal(groups.length, 2, 'one per family');
  for (const group of groups) assert.match(group, /,3\/\d+\/\d+ type resilient buckets 256/);
  assert.equal(
    (await scene.lab.run('router', ['cat', '/proc/sys/net/ipv4/fib_multipath_hash_policy'])).trim(),
    '1',
  );
});

/** Takes fibre, the first, out and in again under 400 flows; how many of the others' flows were elsewhere afterwards. */
async function movedByOutage(family: Family): Promise<{ out: number; in: number; others: number }> {
  const flows = await sendFlows(family, { count: 400, firstPort: 30_000, everyMs: 150 });
  const settled = async (): Promise<ReadonlyMap<number, string>> => {
    await forgetPorts(scene.lab);
    await scene.until(async () => (await placed()).size === 400, '400 flows seen');
    return placed();
  };
  try {
    const before = await settled();
    const others = [...before].filter(([, isp]) => isp !== 'fibre');
    const moved = (now: ReadonlyMap<number, string>): number =>
      others.filter(([port, isp]) => now.get(port) !== isp).length;
    await scene.lab.cut('fibre');
    await shares('cable', 'dsl');
    const out = await settled();
    assert.ok(![...out.values()].includes('fibre'), 'nothing goes into the dead line');
    await scene.lab.heal('fibre');
    await shares('fibre', 'cable', 'dsl');
    const back = await settled();
    return { out: moved(out), in: moved(back), others: others.length };
  } finally {
    flows.close();
  }
}

for (const family of families)
  test(`IPv${family}: a member out or in moves none of the others' flows; classic multipath does`, async (t) => {
    await reconfigure({});
    const resilient = await movedByOutage(family);
    await reconfigure({ multipath: 'classic' });
    const [best] = await scene.routes('default', family);
    assert.doesNotMatch(best ?? '', /nhid/);
    const classic = await movedByOutage(family);
    t.diagnostic(
      `moved when a member went and came: resilient ${resilient.out} and ${resilient.in} of ${resilient.others}, classic ${classic.out} and ${classic.in} of ${classic.others}`,
    );
    assert.deepEqual([resilient.out, resilient.in], [0, 0]);
    assert.ok(classic.out + classic.in > 0, 'or the test cannot tell the difference');
  });

test('a lost carrier takes a member out by the kernel itself, and it comes back', async () => {
  await reconfigure({});
  await scene.lab.carrier('cable', false);
  await shares('fibre', 'dsl');
  await scene.lab.carrier('cable', true);
  await shares('fibre', 'cable', 'dsl');
  const members = async (): Promise<number> => {
    const groups = linesOf(await scene.lab.run('router', ['ip', 'nexthop', 'show', 'proto', '77', 'groups']));
    return groups.filter((line) => (/group (\S+)/.exec(line)?.[1] ?? '').split('/').length === 3).length;
  };
  await scene.until(async () => (await members()) === 2, 'three members in the groups of both families');
});

test('with all of the tier down, and the next one gone too, nothing is torn down', async () => {
  await reconfigure({});
  for (const { name } of isps) await scene.lab.cut(name);
  await scene.until(async () => (await scene.path('dsl')).liveness === 'down', 'all down');
  const { active } = await scene.see();
  assert.ok(active[4].length > 0);
  assert.match((await scene.routes('default'))[0] ?? '', /nhid/);
  await scene.reliable();
});

test('stopped with onStop remove, no route, rule or nexthop object stays and the hash policy is back', async () => {
  await reconfigure({ onStop: 'remove' });
  await scene.daemon.stop();
  assert.equal(await scene.ours(4), '');
  assert.equal(await scene.ours(6), '');
  assert.equal((await scene.lab.run('router', ['ip', 'nexthop', 'show', 'proto', '77'])).trim(), '');
  assert.equal(
    (await scene.lab.run('router', ['cat', '/proc/sys/net/ipv4/fib_multipath_hash_policy'])).trim(),
    '0',
  );
});
