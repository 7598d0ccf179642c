/** `sticky.provider`: a person's word against all checks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision } from '../../models/decision.ts';
import { families } from '../../models/path.ts';
import { openScene, quick } from './scene.ts';

const isps = [{ name: 'fibre' }, { name: 'cable' }, { name: 'lte', ipv6: false }] as const;
const scene = await openScene({ isps });
after(() => scene.close());
const { lab } = scene;
const file = join(lab.folder, 'sticky.provider');

async function unpinned(): Promise<void> {
  await rm(file, { recursive: true, force: true });
  await scene.until(async () => (await scene.see()).sticky === undefined, 'the end of the pin');
  await scene.calm();
}

/** Puts another file in the place of the sticky file, whole at once. */
async function replaceBy(make: (path: string) => Promise<unknown>): Promise<void> {
  await make(`${file}.new`);
  await rename(`${file}.new`, file);
}

async function warnings(at: number): Promise<Decision[]> {
  const decisions = await scene.decisions();
  return decisions.filter(
    ({ kind, severity, at: then }) => kind === 'sticky' && severity === 'warning' && then >= at,
  );
}

test('sticky.provider pins when created, rewritten and renamed over, and unpins when emptied and deleted', async () => {
  await writeFile(file, 'cable');
  await scene.carries('cable');
  await writeFile(file, 'fibre\n');
  await scene.carries('fibre');
  await replaceBy((path) => writeFile(path, '  cable \r\n'));
  await scene.carries('cable');
  assert.equal((await scene.see()).sticky?.id, 'cable');
  await writeFile(file, '');
  await scene.until(async () => (await scene.see()).sticky === undefined, 'the end of the pin');
  await scene.carries('fibre');
  await writeFile(file, 'cable');
  await scene.carries('cable');
  await unpinned();
});

test('sticky.provider moves both families without an instant without a default route', async () => {
  const watch = await lab.watchRoutes();
  for (let i = 0; i < 5; i++) {
    await writeFile(file, 'cable');
    await scene.carries('cable');
    await writeFile(file, '');
    await scene.carries('fibre');
  }
  const report = await watch.stop();
  for (const family of families) assert.equal(report[family].withoutDefaultMs, 0);
  await unpinned();
});

test('sticky.provider wins over all checks, at once: pinned to a dead provider', async (t) => {
  await lab.cut('cable');
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'the verdict on cable');
  const delays: number[] = [];
  for (let i = 0; i < 11; i++) {
    const from = performance.now();
    await writeFile(file, 'cable');
    await scene.until(async () => (await scene.best(4)) === 'eth2', 'the pinned route');
    delays.push(performance.now() - from);
    await scene.carries('cable');
    await writeFile(file, '');
    await scene.carries('fibre');
    await sleep(Math.random() * 100); // at any phase of whatever is periodic
  }
  const median = delays.sort((a, b) => a - b)[5] ?? Number.NaN;
  t.diagnostic(`from write to route: median ${median.toFixed(1)} ms, worst ${delays.at(-1)?.toFixed(1)} ms`);
  assert.ok(median < 300, `the pin was followed after ${median} ms at the median`); // a poll would take 500
  await writeFile(file, 'cable');
  await scene.carries('cable');
  const health = await scene.path('cable');
  assert.equal(health.health, 'unreliable');
  assert.equal(health.role, 'active');
  await unpinned();
});

test('sticky.provider: checks go on while pinned', async () => {
  await writeFile(file, 'cable');
  await scene.carries('cable');
  const { consecutiveSucceeded } = await scene.path('fibre');
  await scene.until(
    async () => (await scene.path('fibre')).consecutiveSucceeded > consecutiveSucceeded + 5,
    'more checks of fibre',
  );
  await lab.cut('fibre');
  await scene.until(() => scene.isNow('fibre', 'unreliable'), 'the verdict on fibre');
  await unpinned();
});

test('sticky.provider of a provider without IPv6 leaves IPv6 to the checks', async () => {
  await writeFile(file, 'lte');
  await scene.carries('lte', 4);
  await scene.carries('fibre', 6);
  await lab.cut('fibre');
  await scene.carries('cable', 6);
  await scene.carries('lte', 4);
  await unpinned();
});

const junk: readonly (readonly [string, (path: string) => Promise<unknown>])[] = [
  ['an unknown id', (path) => writeFile(path, 'starlink\n')],
  ['two ids', (path) => writeFile(path, 'fibre\nlte\n')],
  ['bytes', (path) => writeFile(path, Buffer.from([0, 1, 2, 255, 254]))],
  ['a path', (path) => writeFile(path, '../../etc/passwd')],
  ['a time without a zone', (path) => writeFile(path, 'fibre until 2030-01-01T00:00')],
  ['megabytes', (path) => writeFile(path, Buffer.alloc(8 << 20, 'fibre'))],
  ['a FIFO', (path) => lab.run('router', ['mkfifo', path])],
  ['a link to itself', (path) => symlink(file, path)],
];

test('sticky.provider with junk is ignored with one warning, and the pin that stands stays', async () => {
  for (const [what, make] of junk) {
    await replaceBy((path) => writeFile(path, 'cable'));
    await scene.carries('cable');
    const at = Date.now() - 1;
    await replaceBy(make);
    await scene.until(async () => (await warnings(at)).length > 0, `a warning about ${what}`);
    await sleep(1200); // longer than the watcher's poll and the daemon's tick
    assert.equal((await warnings(at)).length, 1, `one warning about ${what}`);
    assert.deepEqual(await scene.switches(at), [], what);
    assert.equal((await scene.see()).sticky?.id, 'cable', what);
    assert.equal(await scene.best(4), 'eth2', what);
  }
  await unpinned();
});

test('sticky.provider that is a folder is ignored with one warning', async () => {
  const at = Date.now() - 1;
  await mkdir(file);
  await scene.until(async () => (await warnings(at)).length > 0, 'a warning about the folder');
  await sleep(1200);
  assert.equal((await warnings(at)).length, 1);
  assert.deepEqual(await scene.switches(at), []);
  await unpinned();
});

test('pin and unpin write the file of the running daemon; a wrong id names the nearest', async () => {
  const pinned = await lab.cli(['pin', 'cable']);
  assert.equal(pinned.code, 0, pinned.stderr);
  assert.equal(readFileSync(file, 'utf8'), 'cable\n');
  await scene.carries('cable');
  const wrong = await lab.cli(['pin', 'fibra']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /no provider has the id "fibra"; did you mean "fibre"/);
  assert.equal(readFileSync(file, 'utf8'), 'cable\n');
  const freed = await lab.cli(['unpin', '--json']);
  assert.equal(freed.code, 0, freed.stderr);
  assert.deepEqual(JSON.parse(freed.stdout), { ok: true, file, wasPinned: true });
  await scene.carries('fibre');
  const again = await lab.cli(['unpin']);
  assert.deepEqual([again.code, again.stdout], [0, `No provider was pinned (${file}).\n`]);
});

test('probeWhileSticky: false ends the checks while pinned, and unpinning begins them again', async () => {
  await lab.writeConfig({ ...lab.config(), ...quick, probeWhileSticky: false });
  await scene.daemon.line(/configuration reloaded/);
  const succeeded = async (): Promise<number> => (await scene.path('fibre')).consecutiveSucceeded;
  await writeFile(file, 'cable');
  await scene.carries('cable');
  await scene.until(async () => {
    const before = await succeeded();
    await sleep(1000);
    return (await succeeded()) === before;
  }, 'a second without checks');
  const at = await succeeded();
  await rm(file);
  await scene.until(async () => (await succeeded()) > at + 3, 'checks again');
  await scene.carries('fibre');
});

test('sticky.provider in a folder that appears, goes and appears again', async () => {
  const folder = join(lab.folder, 'not', 'yet');
  const there = join(folder, 'pin');
  await lab.writeConfig({ ...lab.config(), ...quick, stickyProviderFilename: there });
  await scene.until(() => scene.reloads() >= 2, 'the second reload');
  for (let i = 0; i < 2; i++) {
    await mkdir(folder, { recursive: true });
    await sleep(i * 300); // at first folder and file at once, then one after the other
    await writeFile(there, 'cable\n');
    await scene.carries('cable');
    await rm(join(lab.folder, 'not'), { recursive: true });
    await scene.carries('fibre');
  }
  await writeFile(file, 'cable'); // the earlier file no longer counts
  await sleep(1500);
  assert.equal((await scene.see()).sticky, undefined);
  await rm(file);
});

test('pin --for ends by itself, also across kill -9, and also while no daemon runs', async () => {
  await lab.writeConfig({ ...lab.config(), ...quick });
  await scene.until(() => scene.reloads() >= 3, 'the third reload');
  const from = Date.now();
  const pinned = await lab.cli(['pin', 'cable', '--for', '6s', '--json']);
  const { until } = JSON.parse(pinned.stdout) as { until: number };
  assert.ok(until >= from + 6000 && until <= Date.now() + 6000);
  await scene.carries('cable');
  await scene.daemon.kill();
  const second = await lab.daemon({ config: join(lab.folder, 'config.json') });
  await second.line(/pinned to cable until/);
  await scene.carries('cable');
  assert.equal((await scene.see()).sticky?.until, until);
  await scene.until(async () => (await scene.see()).sticky === undefined, 'the end of the pin');
  assert.ok(Date.now() >= until - 5, `it ended ${until - Date.now()} ms early`);
  await scene.until(() => readFileSync(file, 'utf8') === '', 'an empty sticky file');
  await scene.carries('fibre');

  await lab.cli(['pin', 'cable', '--for', '1s']);
  await scene.carries('cable');
  await second.kill();
  await sleep(1100);
  const third = await lab.daemon({ config: join(lab.folder, 'config.json') });
  await third.line(/failover \S+ started/);
  await scene.until(() => readFileSync(file, 'utf8') === '', 'an empty sticky file');
  await scene.until(async () => (await scene.see()).sticky === undefined, 'no pin');
  await scene.carries('fibre');
  assert.deepEqual(
    third.lines.filter((line) => / pinned to /.test(line)),
    [],
  );
});
