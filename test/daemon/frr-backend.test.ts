import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import type { FrrSettings } from '../../models/config.ts';
import type { KernelNote } from '../../models/event.ts';
import { type StaticRoute, spellStatic } from '../../src/core/routes/frr.ts';
import { FrrBackend } from '../../src/daemon/frr-backend.ts';
import { FrrRouter, noFrr } from '../support/frr-router.ts';
import { ip } from '../support/ip.ts';
import { until } from '../support/until.ts';

const skip = noFrr() ?? false;
const frr = new FrrRouter('edge');
if (skip === false) {
  for (const n of [1, 2]) {
    await ip(`link add eth${n} type veth peer name far${n}`);
    await ip(`address add 10.0.${n}.1/24 dev eth${n}`);
    for (const device of [`eth${n}`, `far${n}`]) await ip(`link set ${device} up`);
  }
  for (const daemon of ['zebra', 'staticd']) await frr.start(daemon);
}
after(() => frr.close());

const edge: FrrSettings = { pathspace: 'edge', tag: 77 };
let settings: FrrSettings | undefined;
let backend: FrrBackend | undefined;
let notes: KernelNote[] = [];

function openBackend(first: FrrSettings | undefined): FrrBackend {
  settings = first;
  notes = [];
  backend = new FrrBackend(
    () => settings,
    (note) => notes.push(note),
  );
  return backend;
}

afterEach(async () => {
  if (backend?.isEnabled) await backend.apply([]);
  backend?.close();
});

function hop(n: number, distance: number): StaticRoute {
  return { family: 4, prefix: '0.0.0.0/0', hop: `10.0.${n}.254 eth${n}`, onlink: false, distance };
}

const spelled = (tag: number, ...routes: readonly StaticRoute[]): string[] =>
  routes.map((route) => spellStatic(route, tag)).sort();
const statics = async (): Promise<string[]> => [...(await frr.statics())].sort();

/** A default route of the kernel through eth1, as it is read. */
const inKernel = (protocol: string, n = 1) => ({
  family: 4 as const,
  table: 254,
  interfaceName: `eth${n}`,
  gateway: `10.0.${n}.254`,
  metric: 20,
  protocol,
});

test('FrrBackend does nothing while the configuration names no FRRouting', { skip }, async () => {
  const mine = openBackend(undefined);
  assert.equal(mine.isEnabled, false);
  await mine.apply([hop(1, 100)]);
  mine.wake();
  assert.deepEqual([await mine.read(), await statics(), notes], [[], [], []]);
});

test('FrrBackend applies its routes, reads them, and knows the default that zebra makes of them', {
  skip,
}, async () => {
  const mine = openBackend(edge);
  assert.equal(mine.isEnabled, true);
  assert.equal(mine.has(inKernel('196')), false);
  await mine.apply([hop(1, 100), hop(2, 101)]);
  assert.deepEqual(await statics(), spelled(77, hop(1, 100), hop(2, 101)));
  assert.deepEqual([mine.has(inKernel('196')), mine.has(inKernel('dhcp'))], [true, false]);

  await mine.apply([hop(2, 100)]);
  assert.equal(mine.has(inKernel('196')), true, 'zebra may not have removed it yet');

  mine.close();
  const next = openBackend(edge); // as after a restart
  assert.deepEqual(await next.read(), [{ ...hop(2, 100), tag: 77 }]);
  assert.deepEqual([next.has(inKernel('196', 2)), next.has(inKernel('196', 1))], [true, false]);
});

test('FrrBackend removes what it made under earlier settings when others are in force', {
  skip,
}, async () => {
  const mine = openBackend(edge);
  await mine.apply([hop(1, 100)]);
  settings = { pathspace: 'edge', tag: 78 };
  await mine.apply([hop(1, 100), hop(2, 101)]);
  assert.deepEqual(await statics(), spelled(78, hop(1, 100), hop(2, 101)));
  settings = undefined;
  await mine.apply([]);
  assert.deepEqual(await statics(), []);
});

test('FrrBackend repairs when it is woken', { skip }, async () => {
  const mine = openBackend(edge);
  await mine.apply([hop(1, 100)]);
  await frr.type(`no ${spelled(77, hop(1, 100))[0]}`);
  mine.wake();
  await until(
    () => notes.some(({ kind }) => kind === 'repaired'),
    () => `a repair (${notes.map(({ kind }) => kind)})`,
  );
  assert.deepEqual(await statics(), spelled(77, hop(1, 100)));
});
