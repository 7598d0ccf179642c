import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lifecycleDecision } from '../../src/core/report/decisions.ts';
import type { Memory } from '../../src/core/state/memory.ts';
import { Store } from '../../src/daemon/store.ts';
import type { Stored } from '../../src/daemon/stored.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-store-'));
after(() => rmSync(folder, { recursive: true }));

const memory: Memory = {
  active: { 4: ['cable'], 6: [] },
  paths: [
    {
      ...{
        key: 'cable/4',
        remembered: undefined,
        health: 'reliable',
        liveness: 'up',
        since: 5,
        why: 'it passed',
      },
      samples: [
        { startedAt: 1, rttMs: 2 },
        { startedAt: 2, rttMs: undefined },
      ],
      ...{ consecutiveFailed: 1, consecutiveSucceeded: 0, penalty: 0, penaltyAt: 0 },
    },
  ],
};
const sysctls = { 'net/ipv4/conf/eth1/rp_filter': '1' };
const history = [{ id: 'rs-1', ...lifecycleDecision(1000, 'failover started') }] as const;

async function open(
  place: string,
  now = 1000,
): Promise<{ store: Store; stored: Stored; warnings: string[] }> {
  const warnings: string[] = [];
  const [store, stored] = await Store.open(place, now, (sentence) => warnings.push(sentence));
  return { store, stored, warnings };
}

/** A folder with a good store, saved at 1000. */
async function filled(name: string): Promise<{ place: string; file: string }> {
  const place = join(folder, name);
  const { store } = await open(place);
  store.save({ savedAt: 1000, memory, history, sysctls });
  await store.flush();
  return { place, file: join(place, 'state.json') };
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('open() gives back what was saved, and makes its folder', async () => {
  const { place } = await filled('back');
  const { stored, warnings } = await open(place, 2000);
  assert.deepEqual(plain(stored.memory), plain(memory));
  assert.deepEqual(plain(stored.history), plain(history));
  assert.deepEqual(stored.sysctls, sysctls);
  assert.deepEqual(warnings, []);
});

test('open() gives the decisions of earlier versions ids, which they keep, and the words of today', async () => {
  const { place, file } = await filled('earlier');
  const [{ id: _, evidence: __, ...early }] = history;
  const stored = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...stored, history: [{ ...early, kind: 'life' }, early] }));
  const first = await open(place);
  assert.deepEqual(plain(first.stored.history), plain([history[0], { ...history[0], id: 'rs-2' }]));
  first.store.save({ savedAt: 1000, memory, history: first.stored.history, sysctls });
  await first.store.flush();
  const second = await open(place);
  assert.deepEqual(second.stored.history, plain(first.stored.history));
});

test('open() of a fresh folder knows nothing and warns of nothing', async () => {
  const { stored, warnings } = await open(join(folder, 'fresh'));
  assert.deepEqual([stored.memory, stored.history, stored.sysctls, warnings], [undefined, [], {}, []]);
});

test('save() writes the last of several waiting states', async () => {
  const { place, file } = await filled('last');
  const { store } = await open(place);
  for (let i = 1; i <= 100; i++) store.save({ savedAt: i, memory, history, sysctls });
  await store.flush();
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).savedAt, 100);
});

test('open() sets aside what it cannot use, whole, and says so once', async () => {
  const { place, file } = await filled('aside');
  const good = readFileSync(file, 'utf8');
  const told = JSON.parse(good);
  const broken = [
    good.slice(0, -20),
    '',
    '[]',
    '"text"',
    JSON.stringify({ ...told, format: 0 }),
    JSON.stringify({ ...told, history: {} }),
    JSON.stringify({ ...told, sysctls: null }),
    JSON.stringify({ ...told, memory: { paths: [] } }),
    JSON.stringify({ ...told, memory: { active: { 4: [] }, paths: [] } }),
  ];
  for (const content of broken) {
    writeFileSync(file, content);
    const { stored, warnings } = await open(place);
    assert.equal(stored.memory, undefined, content);
    assert.equal(warnings.length, 1, content);
    assert.match(
      warnings[0] ?? '',
      /state\.json cannot be used and was set aside as .*state\.json\.set-aside: /,
    );
    assert.equal(readFileSync(`${file}.set-aside`, 'utf8'), content);
    assert.ok(!existsSync(file));
  }
});

test('open() trusts windows of the last ten minutes of this boot only; the choice for longer', async () => {
  const { place, file } = await filled('trust');
  const late = await open(place, 1000 + 10 * 60_000);
  assert.deepEqual(plain(late.stored.memory), { active: { 4: ['cable'], 6: [] }, numbers: {}, paths: [] });
  assert.deepEqual(late.stored.sysctls, sysctls);
  const early = await open(place, -5000); // the clock was set back
  assert.deepEqual(early.stored.memory?.paths, []);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), bootId: 'another' }));
  const rebooted = await open(place, 1001);
  assert.equal(rebooted.stored.memory, undefined);
  assert.deepEqual(rebooted.stored.sysctls, {}, 'the kernel began with its own');
  assert.equal(rebooted.stored.history.length, 1);
});

test('open() keeps what was reported about devices for as long as the machine runs', async () => {
  const place = join(folder, 'leases');
  const { store } = await open(place);
  const leases = [
    { device: 'eth1', family: 4, dns: { value: ['10.0.0.53'], source: 'pppd', at: 5 } },
  ] as const;
  store.save({ savedAt: 1000, memory: { ...memory, leases }, history, sysctls });
  await store.flush();
  const file = join(place, 'state.json');
  assert.deepEqual((await open(place, 1001)).stored.memory?.leases, leases);
  assert.deepEqual((await open(place, 1000 + 24 * 3_600_000)).stored.memory?.leases, leases);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), bootId: 'another' }));
  assert.equal((await open(place, 1001)).stored.memory, undefined);
});

test('open() keeps failovers through a reboot and for as long as they may count', async () => {
  const place = join(folder, 'failovers');
  const { store } = await open(place);
  const paths = memory.paths.map((path) => ({ ...path, failovers: [500, 900] }));
  store.save({ savedAt: 1000, memory: { ...memory, paths }, history, sysctls });
  await store.flush();
  const file = join(place, 'state.json');
  const late = await open(place, 1000 + 11 * 60_000);
  assert.deepEqual(late.stored.memory?.active[4], ['cable']);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), bootId: 'another' }));
  const rebooted = await open(place, 1001);
  assert.deepEqual(rebooted.stored.memory?.active[4], []);
  for (const { stored } of [late, rebooted]) {
    const [path] = stored.memory?.paths ?? [];
    assert.deepEqual([path?.key, path?.failovers, path?.health], ['cable/4', [500, 900], 'unknown']);
    assert.deepEqual(path?.samples, []);
  }
});

test('open() keeps what lines carried at most, through a reboot too', async () => {
  const { place, file } = await filled('loads');
  const loads = { eth1: { day: 19_675, sent: [20e6], received: [100e6] } };
  const { store } = await open(place);
  store.save({ savedAt: 1000, memory: { ...memory, loads }, history, sysctls });
  await store.flush();
  const later = await open(place, 1000 + 3_600_000);
  assert.deepEqual(later.stored.memory?.loads, loads);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), bootId: 'another' }));
  const rebooted = await open(place, 1001);
  assert.deepEqual(plain(rebooted.stored.memory), { active: { 4: [], 6: [] }, paths: [], loads });
});

test('Store in a folder that cannot be used warns once and takes everything', async () => {
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  const { store, stored, warnings } = await open(join(blocked, 'state'));
  assert.equal(stored.memory, undefined);
  for (let i = 0; i < 3; i++) store.save({ savedAt: i, memory, history, sysctls });
  await store.flush();
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /cannot be used, nothing will be remembered/);
});

test('open() of a folder that the kernel lets nobody make comes back at once', {
  timeout: 5000,
}, async () => {
  const { warnings } = await open('/proc/nope/state');
  assert.match(warnings[0] ?? '', /^\/proc\/nope\/state cannot be used, nothing will be remembered: ENOENT/);
});

test('save() that fails warns once, and once when it works again', async () => {
  const { place, file } = await filled('failing');
  const { store, warnings } = await open(place);
  rmSync(file);
  mkdirSync(file); // nothing can take its place
  for (let i = 0; i < 3; i++) {
    store.save({ savedAt: i, memory, history, sysctls });
    await store.flush();
  }
  assert.deepEqual(
    warnings.map((line) => line.slice(0, 27)),
    ['the state cannot be stored,'],
  );
  rmSync(file, { recursive: true });
  store.save({ savedAt: 9, memory, history, sysctls });
  await store.flush();
  assert.equal(warnings[1], 'the state can be stored again');
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).savedAt, 9);
});
