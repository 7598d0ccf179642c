import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { inside } from '../../src/lab/namespace.ts';
import { FrrRouter, noFrr } from '../support/frr-router.ts';
import { linesOf, openScene, type Scene } from './scene.ts';

const skip = noFrr() ?? false;
const edge = new FrrRouter('edge', inside('router'));
const neighbour = new FrrRouter('neighbour', inside('neighbour'));

/** A router beyond ours, to which ours tells its static routes, next hops as they are (iBGP). */
const bgp = (own: string, other: string, more = ''): string => `router bgp 65000
 bgp router-id ${own}
 neighbor ${other} remote-as 65000
 neighbor ${other} timers 1 3
 neighbor ${other} timers connect 1
 address-family ipv4 unicast
${more} exit-address-family
`;

const edgeBgp = bgp('172.30.0.1', '172.30.0.2', '  redistribute static\n');

async function startRouters({ lab }: Pick<Scene, 'lab'>): Promise<void> {
  await lab.run('router', ['ip', 'netns', 'add', 'neighbour']);
  await lab.ip('link add lan0 type veth peer name up0 netns neighbour', 'address add 172.30.0.1/30 dev lan0');
  await lab.ip('link set lan0 up');
  for (const words of ['link set lo up', 'address add 172.30.0.2/30 dev up0', 'link set up0 up'])
    await lab.run('neighbour', ['ip', ...words.split(' ')]);
  await lab.run('neighbour', 'ip route add 10.10.0.0/16 via 172.30.0.1'.split(' '));
  for (const daemon of ['zebra', 'staticd']) await edge.start(daemon);
  await neighbour.start('zebra');
  await edge.start('bgpd', edgeBgp);
  await neighbour.start('bgpd', bgp('172.30.0.2', '172.30.0.1'));
}

const frr = { backend: 'frr', frr: { pathspace: 'edge' } };
const opened =
  skip === false
    ? await openScene({ settings: frr, prepare: (lab) => startRouters({ lab }) }).catch(async (error) => {
        await endRouters();
        throw error;
      })
    : undefined;
after(async () => {
  await opened?.close();
  await endRouters();
});
beforeEach(() => opened?.calm());

async function endRouters(): Promise<void> {
  for (const router of [edge, neighbour]) await router.close();
}

function scene(): Scene {
  assert.ok(opened !== undefined);
  return opened;
}

/** The next hop of the default route that the neighbour has learned; undefined without one. */
async function learned(): Promise<string | undefined> {
  const { stdout } = await neighbour.ask('show bgp ipv4 unicast 0.0.0.0/0 json');
  return /"ip":"([^"]+)"/.exec(stdout.slice(stdout.indexOf('"nexthops"')))?.[1];
}

async function learns(gateway: string | undefined): Promise<void> {
  let last: string | undefined;
  const hasLearned = async (): Promise<boolean> => {
    last = await learned();
    return last === gateway;
  };
  await scene().until(hasLearned, () => `the neighbour to learn ${gateway} instead of ${last}`, 30_000);
}

/** Kinds of the notes about routes since `at`. */
async function notes(at: number): Promise<string[]> {
  const found = (await scene().decisions()).filter((one) => one.kind === 'kernel' && one.at >= at);
  return found.map(({ numbers, sentence }) => `${numbers['kind']}: ${sentence}`);
}

const spoken = (...words: readonly string[]): string => words.join('|');

test('first routes are static routes in order of preference, over a net in the kernel', {
  skip,
}, async () => {
  const [fibre, cable] = ['10.10.1.254 eth1', '10.10.2.254 eth2'];
  const four = (await edge.statics()).filter((line) => line.startsWith('ip '));
  assert.deepEqual(four, [`ip route 0.0.0.0/0 ${fibre} tag 77 77`, `ip route 0.0.0.0/0 ${cable} tag 77 78`]);
  assert.equal((await edge.statics()).length, 4);
  const defaults = await scene().routes('default');
  assert.match(spoken(...defaults), /^default .*via 10\.10\.1\.254 dev eth1 proto (static|196) metric 20\b/);
  assert.match(spoken(...defaults), /via 10\.10\.1\.254 dev eth1 proto 77 .*metric 4278190157/);
  assert.match(
    spoken(...(await scene().routes('default table 101'))),
    /^default via 10\.10\.1\.254 dev eth1/,
  );
  await learns('10.10.1.254');
  assert.deepEqual((await scene().see()).drift, []);
});

test('a switch is one change of zebra, and the neighbour sees it', { skip }, async () => {
  await learns('10.10.1.254');
  const watch = await scene().lab.watchRoutes();
  const at = await scene().lab.cut('fibre');
  await scene().carries('cable');
  await learns('10.10.2.254');
  assert.deepEqual(await scene().switches(at), ['fibre → cable']);
  const report = await watch.stop();
  assert.equal(report[4].withoutDefaultMs, 0);
  assert.equal(report[6].withoutDefaultMs, 0);
  await scene().calm();
  await learns('10.10.1.254');
});

test("an operator's static routes stay as they are", { skip }, async () => {
  const theirs = ['ip route 192.0.2.0/24 10.10.2.254', 'ip route 0.0.0.0/0 10.10.2.200 eth2 200'];
  await edge.type(...theirs);
  await scene().lab.cut('fibre');
  await scene().carries('cable');
  await scene().calm();
  const kept = (await edge.statics()).filter((line) => !line.includes('tag 77'));
  assert.deepEqual(kept.sort(), [...theirs].sort());
  for (const line of theirs) await edge.type(`no ${line}`);
});

test('an operator who takes our routes away gets them back', { skip }, async () => {
  const at = Date.now();
  const before = await edge.statics();
  await edge.type(...before.map((line) => `no ${line}`));
  const isBack = async (): Promise<boolean> => String(await edge.statics()) === String(before);
  await scene().until(isBack, 'our routes to be back');
  const isTold = async (): Promise<boolean> =>
    /repaired: someone else changed our static routes/.test(spoken(...(await notes(at))));
  await scene().until(isTold, 'the note of the repair');
});

test('zebra killed and restarted: traffic stays, both are told, everything is back', { skip }, async () => {
  const at = Date.now();
  const watch = await scene().lab.watchRoutes();
  await edge.kill('zebra');
  const isTold = (kind: string) => async (): Promise<boolean> =>
    (await notes(at)).some((note) => note.startsWith(`${kind}: `));
  await scene().until(isTold('failed'), 'the note that zebra is gone', 30_000);
  await edge.start('zebra');
  await scene().until(isTold('recovered'), 'the note that it is back', 60_000);
  await scene().carries('fibre');
  const report = await watch.stop();
  assert.equal(report[4].withoutDefaultMs, 0);
  // bgpd by itself waits up to a minute until it looks for zebra again; watchfrr restarts it.
  await edge.kill('bgpd');
  await edge.start('bgpd', edgeBgp);
  await learns('10.10.1.254');
});

test("plan says vtysh's commands, and nothing when all is there", { skip }, async () => {
  const all = await scene().lab.cli(['plan', '--all', '--config', `${scene().lab.folder}/config.json`]);
  assert.equal(all.code, 0, all.stderr);
  assert.match(
    all.stdout,
    /^vtysh -N edge -c 'configure terminal' -c 'ip route 0\.0\.0\.0\/0 10\.10\.1\.254 eth1 tag 77 77'$/m,
  );
  const now = await scene().lab.cli(['plan', '--config', `${scene().lab.folder}/config.json`]);
  assert.equal(now.stdout, '# nothing to do: routes and rules are as they should be\n');
});

test("status says that somebody else's default route prevails, and not for longer than it does", {
  skip,
}, async () => {
  const at = Date.now();
  await scene().lab.ip('route add default via 10.10.2.254 dev eth2 proto dhcp metric 1024');
  const drifts = async (): Promise<string> => spoken(...(await scene().see()).drift);
  const isSaid = async (): Promise<boolean> =>
    /default via 10\.10\.2\.254 dev eth2 metric 1024 \(proto dhcp\) .* zebra prefers it/.test(await drifts());
  await scene().until(isSaid, 'status to say so');
  const isTold = async (): Promise<boolean> =>
    /zebra prefers a kernel route of distance 0/.test(spoken(...(await notes(at))));
  await scene().until(isTold, 'the journal to say so');
  await scene().lab.ip('route del default via 10.10.2.254 dev eth2 metric 1024');
  await scene().carries('fibre');
  await scene().until(async () => (await drifts()) === '', 'status to say nothing more');
});

test('equal tiers are equal distances, which zebra shares', { skip }, async () => {
  await reload({ ...frr, providers: tiers(0, 0) });
  const shared = async (): Promise<boolean> =>
    (await edge.statics()).filter((line) => / 0\.0\.0\.0\/0 .* tag 77 77$/.test(line)).length === 2;
  await scene().until(shared, 'two routes of distance 77');
  const ways = async (): Promise<boolean> => {
    const lines = linesOf(
      await scene().lab.run('router', ['ip', 'route', 'show', 'default', 'metric', '20']),
    );
    return spoken(...lines).includes('dev eth1') && spoken(...lines).includes('dev eth2');
  };
  await scene().until(ways, 'a multipath route of zebra');
  await reload({ ...frr, providers: tiers(0, 1) });
  await scene().until(async () => !(await ways()), 'a route of one way');
});

test('a reload takes routes back from FRRouting, and gives them to it again', { skip }, async () => {
  const watch = await scene().lab.watchRoutes();
  await reload({});
  await scene().until(async () => (await edge.statics()).length === 0, 'no static routes');
  await scene().carries('fibre');
  assert.match(spoken(...(await scene().routes('default'))), /proto 77 .*metric 77\b/);
  await reload(frr);
  await scene().until(async () => (await edge.statics()).length === 4, 'our static routes');
  await learns('10.10.1.254');
  const report = await watch.stop();
  assert.equal(report[4].withoutDefaultMs, 0);
});

test('without FRRouting the net carries the traffic, and is switched', { skip }, async () => {
  const at = Date.now();
  await reload({ backend: 'frr', frr: { pathspace: 'absent' } });
  const isTold = async (): Promise<boolean> => /no daemon of it answers/.test(spoken(...(await notes(at))));
  await scene().until(isTold, 'the note that nobody answers');
  await scene().lab.cut('fibre');
  await scene().carries('cable');
  await scene().calm();
  await reload(frr);
  await scene().until(async () => (await edge.statics()).length === 4, 'our static routes');
});

test("onStop: 'remove' takes ours away, and the neighbour's with them", { skip }, async () => {
  await edge.type('ip route 192.0.2.0/24 10.10.2.254 tag 5');
  await reload({ ...frr, onStop: 'remove' });
  await learns('10.10.1.254');
  await scene().daemon.stop();
  assert.deepEqual(await edge.statics(), ['ip route 192.0.2.0/24 10.10.2.254 tag 5']);
  assert.deepEqual(linesOf(await scene().ours(4)), []);
  await learns(undefined);
});

function tiers(...numbers: readonly number[]): readonly unknown[] {
  const { providers } = scene().lab.config();
  return (providers as readonly object[]).map((provider, i) => ({ ...provider, tier: numbers[i] })); // as describeProvider makes them
}

/** Another configuration, and the wait until the daemon has it. */
async function reload(settings: Readonly<Record<string, unknown>>): Promise<void> {
  const { quick } = await import('./scene.ts');
  await scene().reload({ ...scene().lab.config(), ...quick, ...settings });
}
