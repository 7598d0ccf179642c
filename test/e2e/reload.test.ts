/** Live reload: by SIGHUP and by a change of the file; windows and the present choice survive. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Family, families } from '../../models/path.ts';
import { openScene, quick } from './scene.ts';

const isps = [{ name: 'fibre' }, { name: 'cable' }, { name: 'lte' }] as const;
const scene = await openScene({
  isps,
  config: (lab) => ({ providers: lab.config().providers.slice(0, 2) }),
});
after(() => scene.close());
const { lab, daemon } = scene;
const file = join(lab.folder, 'config.json');
const all = lab.config().providers;
const base = { ...quick, providers: all.slice(0, 2) };
const reference = { 4: await ours(4), 6: await ours(6) };

/** Our routes and rules; rules that were put back stand behind those of the same preference. */
async function ours(family: Family): Promise<string> {
  return (await scene.ours(family)).split('\n').sort().join('\n');
}

/** Changes the file and waits until it was taken over. */
function reload(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
  return scene.reload({ ...base, ...settings });
}

function refusals(): number {
  return daemon.lines.filter((line) => line.includes('not reloaded')).length;
}

async function isReference(): Promise<boolean> {
  return (await ours(4)) === reference[4] && (await ours(6)) === reference[6];
}

beforeEach(async () => {
  await reload();
  await scene.calm();
  await scene.until(isReference, 'the routes of the beginning');
});

test('reload() by SIGHUP and by a change of the file keeps windows, verdicts and the choice', async () => {
  await scene.until(async () => (await scene.path('fibre')).samples > 20, 'samples');
  const before = await scene.path('fibre');
  const at = Date.now();
  const count = scene.reloads();
  await daemon.kill('SIGHUP');
  await scene.until(() => scene.reloads() > count, 'the reload by SIGHUP');
  const news = (await scene.decisions()).filter(
    (decision) => decision.at >= at && decision.kind === 'config',
  );
  assert.deepEqual(news, [], 'it changed nothing');
  await reload({ checkInterval: '50ms' });
  await writeFile(file, JSON.stringify({ ...base, checkInterval: '200ms' })); // in place
  await scene.until(() => scene.reloads() > count + 2, 'the third reload');
  const later = await scene.path('fibre');
  assert.ok(later.samples >= before.samples);
  assert.deepEqual([later.health, later.since], ['reliable', before.since]);
  for (const family of families) assert.deepEqual(await scene.switches(at, family), []);
  assert.ok(await isReference());
});

test('reload() keeps a choice that is not the first one', async () => {
  await reload({ failback: 'never' });
  await lab.cut('fibre');
  await scene.carries('cable');
  const at = Date.now();
  await lab.heal('fibre');
  await scene.until(() => scene.isNow('fibre', 'reliable'), 'fibre back');
  await reload({ failback: 'never', checkInterval: '150ms' });
  await sleep(500);
  assert.deepEqual(await scene.switches(at), []);
  assert.equal((await scene.see()).active[4][0], 'cable');
});

test('reload() of another id for a provider leaves the traffic, its verdict and its routes where they are', async () => {
  const [fibre, cable] = base.providers;
  await scene.until(async () => (await scene.path('fibre')).samples > 5, 'samples');
  const before = await scene.path('fibre');
  const watch = await lab.watchRoutes();
  await reload({ providers: [{ ...fibre, id: 'glass' }, cable] });
  const later = await scene.path('glass');
  await sleep(500);
  const reports = await watch.stop();
  assert.deepEqual((await scene.see()).active, { 4: ['glass'], 6: ['glass'] });
  assert.deepEqual([later.health, later.since], ['reliable', before.since]);
  assert.ok(later.samples >= before.samples);
  for (const family of families) assert.equal(reports[family].switches, 0);
  assert.ok(await isReference());
});

test('reload() of another startMetric moves the routes without an instant without a default', async () => {
  const watch = await lab.watchRoutes();
  await reload({ startMetric: 500 });
  await scene.until(async () => {
    const metrics = (await scene.routes('default')).map((line) => / metric (\d+)/.exec(line)?.[1]);
    return metrics.join() === '500,501';
  }, 'routes at metric 500');
  await reload();
  await scene.until(isReference, 'the earlier routes');
  const reports = await watch.stop();
  for (const family of families) {
    assert.deepEqual(reports[family].gaps, []);
    assert.equal(reports[family].switches, 0);
  }
});

test('reload() of another table moves routes and rules to it', async () => {
  const [fibre, cable] = base.providers;
  await reload({ providers: [{ ...fibre, rtTableId: 4001 }, cable] });
  await scene.until(async () => (await scene.routes('default table 4001')).length === 2, 'the new table');
  const moved = reference[4]
    .replaceAll(/ (table|lookup) 101\b/g, ' $1 4001')
    .split('\n')
    .sort()
    .join('\n');
  await scene.until(async () => (await ours(4)) === moved, 'routes and rules of the new table alone');
  assert.deepEqual(await scene.routes('table 101 proto 77'), []);
});

test('reload() adds a provider and takes it away again', async () => {
  await reload({ providers: all });
  await scene.until(() => scene.isNow('lte', 'reliable', 6), 'a verdict on lte');
  assert.match(await scene.ours(4), /default via 10\.10\.3\.254 dev eth3 .*metric 79/);
  assert.match(await scene.ours(4), /from 10\.10\.3\.1 lookup 103/);
  await reload();
  await scene.until(isReference, 'nothing of lte left');
});

test('reload() that takes the active provider away, or disables it, moves the traffic at once', async () => {
  const watch = await lab.watchRoutes();
  const [fibre, cable] = base.providers;
  await reload({ providers: [{ ...fibre, enabled: false }, cable] });
  await scene.carries('cable');
  assert.equal((await scene.path('fibre')).role, 'disabled');
  assert.doesNotMatch(await scene.ours(4), /eth1/);
  await reload();
  await scene.carries('fibre');
  await reload({ providers: [cable] });
  await scene.carries('cable');
  await scene.until(async () => !/eth1/.test(await scene.ours(6)), 'nothing of fibre left');
  const reports = await watch.stop();
  for (const family of families) assert.deepEqual(reports[family].gaps, []);
});

test('reload() of a bad file changes nothing and names every mistake; the next good one counts', async () => {
  const at = Date.now();
  const broken: readonly (readonly [string, RegExp])[] = [
    ['{ "providers": [', /config\.json/],
    [JSON.stringify({ ...base, checkIntervall: 1, startMetric: 0 }), /checkIntervall.*checkInterval/],
    ['', /config\.json/],
    [JSON.stringify({ ...base, providers: [] }), /providers/],
  ];
  for (const [text, complaint] of broken) {
    const [count, from] = [refusals(), daemon.lines.length];
    await writeFile(file, text);
    await scene.until(() => refusals() > count, `a complaint about ${text.slice(0, 30)}`);
    await scene.until(() => daemon.lines.slice(from).some((line) => complaint.test(line)), String(complaint));
  }
  assert.ok(
    daemon.lines.some((line) => line.includes('startMetric')),
    'every mistake',
  );
  const told = /changed and cannot be used/;
  assert.ok(
    (await scene.see()).drift.some((sentence) => told.test(sentence)),
    'status says so',
  );
  assert.ok(
    (await scene.decisions()).some(({ sentence }) => /^not reloaded/.test(sentence)),
    'history says so',
  );
  await daemon.kill('SIGHUP');
  await sleep(300);
  assert.equal(daemon.exitCode, undefined);
  assert.deepEqual(await scene.switches(at), []);
  assert.ok(await isReference());
  await scene.carries('fibre');
  await reload({ startMetric: 300 });
  await scene.until(async () => (await scene.routes('default metric 300')).length === 1, 'the new metric');
  assert.ok(!(await scene.see()).drift.some((sentence) => told.test(sentence)), 'until it is good again');
});

test('reload() of a file that is away for a moment changes nothing', async () => {
  const at = Date.now();
  const [count, good] = [refusals(), scene.reloads()];
  await rm(file);
  await scene.until(() => refusals() > count, 'a complaint');
  assert.ok(await isReference());
  await lab.writeConfig(base);
  await scene.until(() => scene.reloads() > good, 'the reload');
  for (const family of families) assert.deepEqual(await scene.switches(at, family), []);
  assert.ok(await isReference());
});

test('a version with another default of startMetric takes over the routes of the earlier one', async () => {
  await reload({ startMetric: 100 }); // what 0.1.0 began with
  await scene.until(
    async () => (await scene.routes('default metric 101')).length === 1,
    'the earlier routes',
  );
  await daemon.kill();
  const watch = await lab.watchRoutes();
  await lab.daemon({ config: base });
  await scene.until(isReference, 'the routes of this version');
  const reports = await watch.stop();
  for (const family of families) {
    assert.deepEqual(reports[family].gaps, []);
    assert.equal(reports[family].switches, 0);
  }
});
