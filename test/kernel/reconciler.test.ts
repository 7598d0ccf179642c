import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KernelNote } from '../../models/event.ts';
import type { KernelRoutes, Route } from '../../models/route.ts';
import { diff } from '../../src/core/routes/diff.ts';
import { familyOf, spell, spellCommand } from '../../src/core/routes/spell.ts';
import { Reconciler } from '../../src/kernel/reconciler.ts';
import { ip } from '../support/ip.ts';
import { until } from '../support/until.ts';

await ip('link add eth1 type veth peer name far');
await ip('address add 10.10.1.1/24 dev eth1');
for (const device of ['eth1', 'far']) await ip(`link set ${device} up`);

let open: Reconciler | undefined;
let notes: KernelNote[] = [];

function reconciler(): Reconciler {
  notes = [];
  open = new Reconciler(
    { diff, spell, spellCommand, familyOf },
    { families: [4, 6], nexthops: true },
    (note) => notes.push(note),
  );
  return open;
}

afterEach(async () => {
  open?.close();
  for (const family of ['-4', '-6']) {
    await ip(`${family} route flush table all proto 77`);
    await ip(`${family} rule flush protocol 77`);
  }
});

function route(metric: number, type: Route['type'] = 'unicast'): Route {
  const isUnicast = type === 'unicast';
  return {
    ...{ family: 4, table: 254, dst: 'default', metric, type, src: undefined, onlink: false },
    gateway: isUnicast ? '10.10.1.254' : undefined,
    dev: isUnicast ? 'eth1' : undefined,
  };
}

function desired(...routes: readonly Route[]): KernelRoutes {
  const bound = {
    pref: 10770,
    from: undefined,
    to: undefined,
    oif: 'eth1',
    table: 101,
    suppressPrefixLength: undefined,
  };
  return { routes, rules: ([4, 6] as const).map((family) => ({ ...bound, family })) };
}

async function defaults(): Promise<string[]> {
  return (await ip('-4 route show default'))
    .trim()
    .split('\n')
    .filter((line) => line !== '');
}

test('apply() brings the kernel into line, reports it once, and does nothing when it is', async () => {
  const kernel = reconciler();
  await kernel.apply(desired(route(100), route(101)));
  assert.equal((await defaults()).length, 2);
  assert.match(await ip('-6 rule show'), /10770:\s+from all oif eth1 \[?.*lookup 101/);
  assert.deepEqual(
    notes.map(({ kind }) => kind),
    ['changed'],
  );
  assert.equal(notes[0]?.commands.length, 4);
  await kernel.apply(desired(route(100), route(101)));
  assert.equal(notes.length, 1);
  await kernel.apply({ routes: [], rules: [] });
  assert.deepEqual(await defaults(), []);
  assert.doesNotMatch(await ip('-6 rule show'), /10770/);
});

test('wake() puts back what someone took away, and says so', async () => {
  const kernel = reconciler();
  await kernel.apply(desired(route(100)));
  await ip('-4 route del default metric 100');
  await ip('-4 rule del pref 10770');
  kernel.wake();
  await until(() => notes.some(({ kind }) => kind === 'repaired'), 'the repair');
  assert.equal((await defaults()).length, 1);
  assert.match(await ip('-4 rule show'), /10770/);
  assert.deepEqual(notes.at(-1)?.commands, [
    'ip -4 rule add pref 10770 oif eth1 lookup 101 protocol 77',
    'ip -4 route add default via 10.10.1.254 dev eth1 metric 100 proto 77',
  ]);
});

test('wake() repairs once a second at most when someone keeps undoing it', async () => {
  const kernel = reconciler();
  await kernel.apply(desired(route(100)));
  const from = performance.now();
  while (performance.now() < from + 3000) {
    await ip('-4 route flush default proto 77');
    kernel.wake();
    await sleep(40);
  }
  const repairs = notes.filter(({ kind }) => kind === 'repaired').length;
  const most = 4 + Math.ceil((performance.now() - from) / 1000); // four at once, then one a second
  assert.ok(repairs >= 4 && repairs <= most, `${repairs} repairs, expected 4 to ${most}`);
  assert.equal(notes.filter(({ kind }) => kind === 'changed').length, 1, 'a late repair is a repair, too');
  kernel.wake();
  await until(async () => (await defaults()).length === 1, 'the last repair');
});

test('apply() never replaces a foreign route at the same metric: it reports it, and takes its turn', async () => {
  await ip('-4 route add default via 10.10.1.253 dev eth1 metric 100');
  const kernel = reconciler();
  await kernel.apply(desired(route(100), route(101)));
  await until(() => notes.some(({ kind }) => kind === 'conflict'), 'the report');
  assert.match(notes[0]?.message ?? '', /a route that is not ours is in the way: .*File exists/);
  const present = await defaults();
  assert.ok(
    present.some((line) => line.includes('10.10.1.253')),
    'the foreign one stays',
  );
  assert.ok(
    present.some((line) => line.includes('metric 101')),
    'the others are made',
  );
  await sleep(1200);
  assert.equal(notes.filter(({ kind }) => kind === 'conflict').length, 1, 'it is said once');
  await ip('-4 route del default via 10.10.1.253 metric 100');
  await until(() => notes.some(({ kind }) => kind === 'recovered'), 'its turn');
  assert.ok((await defaults()).every((line) => line.includes('proto 77')));
});

test('apply() survives the death of its sessions, and the latest desired state wins', async () => {
  const kernel = reconciler();
  await kernel.apply(desired(route(100)));
  for (const pid of readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')) {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'ip') process.kill(Number(pid), 'SIGKILL');
  }
  const applied = [route(200), route(300), route(400)].map((each) => kernel.apply(desired(each)));
  await Promise.all(applied);
  const isLatest = async (): Promise<boolean> =>
    /^default .*metric 400 *$/.test((await defaults()).join('\n'));
  await until(isLatest, 'the last of the three');
});

test('apply() for families that the kernel lacks is left alone', async () => {
  notes = [];
  open = new Reconciler({ diff, spell, spellCommand, familyOf }, { families: [4], nexthops: true }, (note) =>
    notes.push(note),
  );
  await open.apply(desired(route(100)));
  assert.deepEqual(
    notes.map(({ commands }) => commands.length),
    [2],
  );
  assert.deepEqual((await open.read()).routes, [route(100)]);
});
