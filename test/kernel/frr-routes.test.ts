import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import type { KernelNote } from '../../models/event.ts';
import { frrLeftovers } from '../../src/commands/support/frr-leftovers.ts';
import {
  planStatics,
  readStatics,
  type StaticRoute,
  spellStatic,
  spellVtysh,
} from '../../src/core/routes/frr.ts';
import { run } from '../../src/kernel/exec.ts';
import { FrrRoutes } from '../../src/kernel/frr-routes.ts';
import { FrrRouter, noFrr } from '../support/frr-router.ts';
import { ip } from '../support/ip.ts';
import { until } from '../support/until.ts';

const skip = noFrr() ?? false;
const frr = new FrrRouter('edge');
if (skip === false) {
  for (const n of [1, 2]) {
    await ip(`link add eth${n} type veth peer name far${n}`);
    await ip(`address add 10.0.${n}.1/24 dev eth${n}`);
    await ip(`address add fd00:${n}::1/64 dev eth${n} nodad`);
    for (const device of [`eth${n}`, `far${n}`]) await ip(`link set ${device} up`);
  }
  for (const daemon of ['zebra', 'staticd']) await frr.start(daemon);
}
after(() => frr.close());

let open: FrrRoutes<StaticRoute> | undefined;
let notes: KernelNote[] = [];

function routes(): FrrRoutes<StaticRoute> {
  notes = [];
  const planner = { read: readStatics, plan: planStatics, spell: spellVtysh };
  open = new FrrRoutes<StaticRoute>(planner, { pathspace: 'edge', tag: 77 }, (note) => notes.push(note));
  return open;
}

afterEach(async () => {
  open?.close();
  const left = skip === false ? await frr.statics() : [];
  if (left.length > 0) await frr.type(...left.map((line) => `no ${line}`)); // one vtysh for all
});

function staticRoute(n: number, distance: number, family: 4 | 6 = 4): StaticRoute {
  const prefix = family === 4 ? '0.0.0.0/0' : '::/0';
  const hop = `${family === 4 ? `10.0.${n}.254` : `fd00:${n}::fe`} eth${n}`;
  return { family, prefix, hop, onlink: false, distance };
}

const spelled = (...desired: readonly StaticRoute[]): string[] =>
  desired.map((route) => spellStatic(route, 77)).sort();
const statics = async (): Promise<string[]> => [...(await frr.statics())].sort();
const kinds = (): string[] => notes.map(({ kind }) => kind);

/** The devices of the kernel's best default, as zebra made it. */
async function defaults(family: 4 | 6 = 4): Promise<string[]> {
  const shown = await ip(`-${family} route show default`);
  return [...shown.matchAll(/ dev (\S+)/g)].map(([, device = '']) => device).sort();
}

const leads = (family: 4 | 6, ...devices: readonly string[]): Promise<true> =>
  until(async () => String(await defaults(family)) === String(devices), `IPv${family} through ${devices}`);

/** staticd that did not find zebra tries again after 10 s. */
const recovers = (): Promise<true> =>
  until(
    () => kinds().at(-1) === 'recovered',
    () => `recovery (${notes.at(-1)?.message})`,
    30_000,
  );

test('apply() gives the routes of both families to zebra, and says the commands', { skip }, async () => {
  const desired = [staticRoute(1, 100), staticRoute(2, 101), staticRoute(1, 100, 6), staticRoute(2, 101, 6)];
  await routes().apply(desired);
  assert.deepEqual(await statics(), spelled(...desired));
  await leads(4, 'eth1');
  await leads(6, 'eth1');
  assert.deepEqual(kinds(), ['changed']);
  assert.equal(
    notes[0]?.commands[0],
    "vtysh -N edge -c 'configure terminal' -c 'ip route 0.0.0.0/0 10.0.1.254 eth1 tag 77 100'",
  );
  assert.deepEqual(
    await open?.read(),
    desired.map((route) => ({ ...route, tag: 77 })),
  );
});

test('apply() switches in one change of the kernel', { skip }, async () => {
  const mine = routes();
  await mine.apply([staticRoute(1, 100), staticRoute(2, 101)]);
  await leads(4, 'eth1');
  await mine.apply([staticRoute(2, 100), staticRoute(1, 101)]);
  await leads(4, 'eth2');
  await mine.apply([staticRoute(2, 100), staticRoute(1, 101)]);
  assert.deepEqual(kinds(), ['changed', 'changed']);
});

test('apply() with equal distances shares the traffic', { skip }, async () => {
  await routes().apply([
    staticRoute(1, 100),
    staticRoute(2, 100),
    staticRoute(1, 100, 6),
    staticRoute(2, 100, 6),
  ]);
  await leads(4, 'eth1', 'eth2');
  await leads(6, 'eth1', 'eth2');
});

test('apply() of every form is read back as it was written', { skip }, async () => {
  const desired = [
    { ...staticRoute(1, 100), onlink: true, hop: '198.51.100.1 eth1' },
    { ...staticRoute(2, 101), hop: 'eth2' },
    { ...staticRoute(2, 1), prefix: '192.0.2.0/24' },
    { ...staticRoute(1, 100, 6), hop: 'reject' },
    { ...staticRoute(1, 100, 6), prefix: '2001:db8::/32', hop: 'fe80::1 eth1' },
  ];
  const mine = routes();
  await mine.apply(desired);
  assert.deepEqual(await statics(), spelled(...desired));
  mine.wake();
  await until(
    async () => /198\.51\.100\.1 .*onlink/.test(await ip('route show default')),
    'the kernel to have it',
  );
  await until(async () => /unreachable/.test(await ip('-6 route show default')), 'no way out in IPv6');
  assert.deepEqual(kinds(), ['changed']);
});

test("apply() leaves others' static routes as they are", { skip }, async () => {
  const theirs = [
    'ip route 0.0.0.0/0 10.0.2.200 eth2 tag 5 100',
    'ip route 192.0.2.0/24 10.0.1.9',
    'ip route 198.51.100.0/24 Null0 tag 3',
  ];
  await frr.type(...theirs);
  const mine = routes();
  await mine.apply([staticRoute(1, 100)]);
  assert.deepEqual(await statics(), [...theirs, ...spelled(staticRoute(1, 101))].sort());
  await until(() => kinds().includes('conflict'), 'the note of the route that zebra prefers');
  assert.match(notes.at(-1)?.message ?? '', /zebra prefers a static route of distance 100 for 0\.0\.0\.0\/0/);
  await mine.apply([]);
  assert.deepEqual(await statics(), theirs.sort());
});

test("apply() does not take over a hop that is someone else's", { skip }, async () => {
  await frr.type('ip route 0.0.0.0/0 10.0.1.254 eth1 5');
  await routes().apply([staticRoute(1, 100), staticRoute(2, 101)]);
  assert.deepEqual(await statics(), [
    'ip route 0.0.0.0/0 10.0.1.254 eth1 5',
    ...spelled(staticRoute(2, 101)),
  ]);
  assert.deepEqual(kinds(), ['changed', 'conflict']);
  assert.match(notes[1]?.message ?? '', /has 0\.0\.0\.0\/0 10\.0\.1\.254 eth1: left alone/);
});

test('wake() repairs what was changed, also when our tag is gone', { skip }, async () => {
  const mine = routes();
  await mine.apply([staticRoute(1, 100)]);
  await frr.type(`no ${spelled(staticRoute(1, 100))[0]}`);
  mine.wake();
  await until(() => kinds().includes('repaired'), 'a repair');
  await frr.type('ip route 0.0.0.0/0 10.0.2.200 eth2 100'); // joins our distance, and takes its tag
  mine.wake();
  await until(async () => (await statics()).includes(spelled(staticRoute(1, 101))[0] ?? ''), 'ours below it');
  assert.deepEqual(
    await statics(),
    ['ip route 0.0.0.0/0 10.0.2.200 eth2 100', ...spelled(staticRoute(1, 101))].sort(),
  );
});

test("apply() says that a kernel's route prevails, and when it does no more", { skip }, async () => {
  await ip('route add default via 10.0.2.253 metric 500');
  const mine = routes();
  await mine.apply([staticRoute(1, 100)]);
  await until(() => kinds().includes('conflict'), 'the note of the route that zebra prefers');
  assert.match(notes.at(-1)?.message ?? '', /a kernel route of distance 0 for 0\.0\.0\.0\/0/);
  await ip('route del default via 10.0.2.253 metric 500');
  await leads(4, 'eth1');
  mine.wake();
  await until(() => kinds().at(-1) === 'recovered', 'the note that it does no more');
});

test('a restarted FRRouting is reported and gets everything again', { skip }, async () => {
  const mine = routes();
  await mine.apply([staticRoute(1, 100), staticRoute(1, 100, 6)]);
  for (const daemon of ['zebra', 'staticd']) await frr.kill(daemon);
  await until(() => kinds().includes('failed'), 'the note that it is gone');
  assert.match(
    notes.at(-1)?.message ?? '',
    /FRRouting cannot be queried: (no daemon of it answers|zebra|staticd)/,
  );
  await mine.apply([staticRoute(2, 100), staticRoute(2, 100, 6)]);
  for (const daemon of ['zebra', 'staticd']) await frr.start(daemon);
  await recovers();
  assert.deepEqual(await statics(), spelled(staticRoute(2, 100), staticRoute(2, 100, 6)));
  await leads(4, 'eth2');
  await leads(6, 'eth2');
});

test('a zebra that restarts alone and forgets is reported, until it knows again', { skip }, async () => {
  const mine = routes();
  await mine.apply([staticRoute(1, 100)]);
  await leads(4, 'eth1');
  await frr.kill('zebra');
  await until(() => kinds().includes('failed'), 'the note that zebra is gone');
  assert.match(notes.at(-1)?.message ?? '', /FRRouting cannot be queried: zebra is not running/);
  await frr.start('zebra');
  await until(
    () => /zebra does not use our route/.test(notes.at(-1)?.message ?? ''),
    'the note that it forgot',
  );
  await recovers();
  await leads(4, 'eth1');
});

test('routes that a killed zebra left behind, and its successor takes for its own, are replaced', {
  skip,
}, async () => {
  await routes().apply([staticRoute(1, 100), staticRoute(1, 100, 6)]);
  await leads(4, 'eth1');
  open?.close();
  for (const daemon of ['zebra', 'staticd']) await frr.kill(daemon);
  await frr.start('zebra', '', ['-K', '600']); // keeps what it finds so long, as the race does for ever
  await frr.start('staticd');
  await routes().apply([staticRoute(2, 100), staticRoute(1, 101), staticRoute(2, 100, 6)]);
  await leads(4, 'eth2');
  await leads(6, 'eth2');
  await until(
    async () =>
      String(await statics()) ===
      String(spelled(staticRoute(2, 100), staticRoute(1, 101), staticRoute(2, 100, 6))),
    'the distances',
  );
  assert.ok(notes.some(({ message }) => /of its earlier life: ours take their place/.test(message)));
});

test('a missing vtysh is reported, and looked for again', { skip }, async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  const mine = routes();
  try {
    assert.deepEqual(await mine.read(), []);
    await mine.apply([staticRoute(1, 100)]);
    assert.deepEqual(kinds(), ['failed']);
    assert.match(notes[0]?.message ?? '', /vtysh is not installed/);
  } finally {
    process.env['PATH'] = path;
  }
  await until(() => kinds().at(-1) === 'recovered', 'it to be found');
  assert.deepEqual(await statics(), spelled(staticRoute(1, 100)));
});

test('a plain user in the group frrvty may use vtysh, as the service does', { skip }, async () => {
  const asPlain = (...groups: readonly string[]) =>
    run('setpriv', [
      '--reuid',
      'nobody',
      '--regid',
      'nogroup',
      ...groups,
      'vtysh',
      '-N',
      'edge',
      '-c',
      'show daemons',
    ]);
  const member = await asPlain('--groups', 'frrvty');
  assert.match(member.stdout, /zebra/, member.stderr);
  const other = await asPlain('--clear-groups');
  assert.match(other.stderr, /failed to connect to any daemons/);
});

test('frrLeftovers() finds ours and takes them away', { skip }, async () => {
  await frr.type('ip route 192.0.2.0/24 10.0.1.9 tag 5');
  await routes().apply([staticRoute(1, 100), staticRoute(1, 100, 6)]);
  open?.close();
  const [removal] = await frrLeftovers({ pathspace: 'edge', tag: 77 });
  assert.equal(removal?.what, '2 static routes in FRRouting');
  await removal?.undo();
  assert.deepEqual(await statics(), ['ip route 192.0.2.0/24 10.0.1.9 tag 5']);
  assert.deepEqual(await frrLeftovers({ pathspace: 'edge', tag: 77 }), []);
  assert.deepEqual(await frrLeftovers({ pathspace: 'absent', tag: 77 }), []);
});

test('apply() of nothing removes ours alone', { skip }, async () => {
  await frr.type('ip route 192.0.2.0/24 10.0.1.9 tag 5');
  const mine = routes();
  await mine.apply([staticRoute(1, 100), staticRoute(2, 101), staticRoute(1, 100, 6)]);
  await mine.apply([]);
  assert.deepEqual(await statics(), ['ip route 192.0.2.0/24 10.0.1.9 tag 5']);
  await until(async () => (await defaults()).length === 0, 'no default');
});

test('1,000 prefixes are one change', { skip }, async (t) => {
  const desired = Array.from({ length: 1000 }, (_, i) => ({
    ...staticRoute(1, 100),
    prefix: `20.${i >> 8}.${i & 255}.0/24`,
  }));
  const mine = routes();
  const began = performance.now();
  await mine.apply(desired);
  t.diagnostic(`${Math.round(performance.now() - began)} ms`);
  assert.equal((await frr.statics()).length, 1000);
  await mine.apply([]);
  assert.deepEqual(await statics(), []);
});
