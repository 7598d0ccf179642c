/** A configuration on trial: confirmed, not confirmed, taken back, cut short; the file is touched only when it is confirmed. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import type { LabDaemon } from '../../src/lab/lab-daemon.ts';
import { order } from '../../src/report/ask.ts';
import { openScene, quick } from './scene.ts';

const scene = await openScene();
after(() => scene.close());
const { lab } = scene;
let daemon: LabDaemon = scene.daemon;
const file = join(lab.folder, 'config.json');
const draft = join(lab.folder, 'config.trial.json');
const next = join(lab.folder, 'next.json');
const base = { ...quick, ...lab.config() };
const earlier = readFileSync(file, 'utf8');
const first = { 4: await scene.ours(4), 6: await scene.ours(6) };

/** Starts a trial of routes at another metric. */
async function tryMetric(startMetric: number, confirm = '60s'): Promise<void> {
  await writeFile(next, JSON.stringify({ ...base, startMetric }));
  const { code, stdout, stderr } = await lab.cli(['apply', next, '--confirm', confirm]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^On trial until 20.*config\.trial\.json\n/);
  await hasMetric(startMetric); // at once: the answer comes when the kernel has it
}

async function hasMetric(metric: number): Promise<void> {
  const metrics = async (): Promise<string> =>
    (await scene.routes('default')).map((line) => / metric (\d+)/.exec(line)?.[1]).join();
  let last = '';
  await scene.until(
    async () => {
      last = await metrics();
      return last === `${metric},${metric + 1}`;
    },
    () => `routes at metric ${metric} (they are at ${last})`,
  );
}

async function told(pattern: RegExp, since: number): Promise<void> {
  await scene.until(
    async () =>
      (await scene.decisions()).some(
        ({ at, kind, severity, sentence, reason }) =>
          at >= since && kind === 'config' && severity === 'notice' && pattern.test(`${sentence}: ${reason}`),
      ),
    `a decision like ${pattern}`,
  );
}

beforeEach(async () => {
  await rm(draft, { force: true });
  if ((await scene.see()).trial !== undefined) await lab.cli(['revert']);
  if (readFileSync(file, 'utf8') !== earlier) await writeFile(file, earlier);
  await hasMetric(77);
});

test('apply() is over when nobody confirms: the earlier configuration is back, the file was never touched', async () => {
  const at = Date.now();
  const watch = await lab.watchRoutes();
  await tryMetric(300, '10s');
  await told(/^configuration on trial: .*is in force again in 10 s, unless it is confirmed/, at);
  await told(/^back to the configuration .*not confirmed in time; what was tried is in .*trial\.json/, at);
  await hasMetric(77);
  assert.equal((await scene.see()).trial, undefined);
  assert.equal(readFileSync(file, 'utf8'), earlier);
  assert.equal(JSON.parse(readFileSync(draft, 'utf8')).startMetric, 300, 'what was tried is kept');
  for (const family of [4, 6] as const) assert.equal(await scene.ours(family), first[family]);
  for (const report of Object.values(await watch.stop())) assert.deepEqual(report.gaps, []);
});

test('status shows what is on trial', async () => {
  await tryMetric(300);
  assert.equal((await scene.see()).trial?.file, draft);
  const { stdout } = await lab.cli(['status']);
  assert.match(stdout, /^On trial: .*config\.trial\.json, \d+ s left; "failover\s+confirm"\s+keeps/m);
});

test('confirm() keeps it, in the file, and the one before beside it; it survives a restart', async () => {
  const at = Date.now();
  await tryMetric(300);
  const { code, stdout } = await lab.cli(['confirm']);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^Confirmed: .*config\.json now holds it; the earlier one is in .*config\.json\.before$/m,
  );
  assert.equal(readFileSync(file, 'utf8'), readFileSync(next, 'utf8'));
  assert.equal(readFileSync(`${file}.before`, 'utf8'), earlier);
  assert.equal(existsSync(draft), false);
  await told(/^configuration confirmed/, at);
  assert.equal((await scene.see()).trial, undefined);
  await daemon.stop();
  await restart();
  await hasMetric(300);
  assert.ok(!daemon.lines.some((line) => line.includes('cut short')));
});

test('a daemon that is killed during a trial is back with the earlier configuration, and says so', async () => {
  await tryMetric(300);
  await daemon.kill();
  assert.equal(readFileSync(file, 'utf8'), earlier);
  await restart();
  await daemon.line(
    /the trial of a configuration was cut short: .*config\.json is in force; .* in .*trial\.json/,
  );
  await hasMetric(77);
  assert.equal((await scene.see()).trial, undefined);
  await daemon.stop();
  await restart();
  assert.ok(!daemon.lines.some((line) => line.includes('cut short')), 'it is told once');
});

test('a daemon that is stopped during a trial leaves the routes of the earlier configuration', async () => {
  await tryMetric(300);
  await daemon.stop();
  for (const family of [4, 6] as const) assert.equal(await scene.ours(family), first[family]);
  await restart();
});

test('revert() goes back at once', async () => {
  await tryMetric(300);
  const { code, stdout } = await lab.cli(['revert']);
  assert.equal(code, 0);
  assert.match(stdout, /^The earlier configuration is back; what was tried is in .*trial\.json$/m);
  await hasMetric(77);
  const again = await lab.cli(['revert']);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /no configuration is on trial/);
});

test('confirm() is refused while the file does not hold what is on trial', async () => {
  await tryMetric(300);
  const socket = join(lab.folder, 'run', 'orders.sock');
  await assert.rejects(order(socket, 'confirm'), /config\.json does not hold what is on trial/);
  assert.notEqual((await scene.see()).trial, undefined);
});

test('apply() refuses a bad configuration with its mistakes before anything changes', async () => {
  const at = Date.now();
  await writeFile(next, JSON.stringify({ ...base, startMetrik: 1 }));
  const { code, stderr } = await lab.cli(['apply', next]);
  assert.equal(code, 78);
  assert.match(stderr, /startMetrik.*startMetric/);
  assert.equal(existsSync(draft), false);
  assert.equal((await scene.decisions()).filter((decision) => decision.at >= at).length, 0);
  assert.equal((await scene.see()).trial, undefined);
});

test('apply() of a bad configuration names the file that was given, and leaves what an earlier trial left', async () => {
  await writeFile(draft, JSON.stringify({ ...base, startMetric: 300 }));
  await writeFile(next, JSON.stringify({ ...base, startMetrik: 1 }));
  const { code, stderr } = await lab.cli(['apply', next]);
  assert.equal(code, 78);
  assert.ok(stderr.includes(`${next} has mistakes`), stderr);
  assert.doesNotMatch(stderr, /config\.trial/);
  assert.equal(JSON.parse(readFileSync(draft, 'utf8')).startMetric, 300);
});

test('apply() refuses a second trial while one is pending, which goes on', async () => {
  await tryMetric(300);
  await writeFile(next, JSON.stringify({ ...base, startMetric: 400 }));
  const { code, stderr } = await lab.cli(['apply', next]);
  assert.equal(code, 1);
  assert.match(stderr, /is already on trial, until .*"failover confirm" keeps it, "failover revert" ends it/);
  assert.equal(JSON.parse(readFileSync(draft, 'utf8')).startMetric, 300);
  await hasMetric(300);
  assert.notEqual((await scene.see()).trial, undefined);
});

test('apply() refuses what cannot be tried', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[file], /own configuration, which takes effect by itself/],
    [['/nowhere.json'], /\/nowhere\.json cannot be read/],
    [['config.ts'], /must end in \.json, too/],
    [[next, '--confirm', 'soon'], /--confirm must be a length of time/],
    [[next, '--confirm', '25h'], /from 1s to 24h/],
    [[], /config\.trial\.json does not exist/],
  ];
  for (const [args, complaint] of wrong) {
    const { code, stderr } = await lab.cli(['apply', ...args]);
    assert.notEqual(code, 0, args.join(' '));
    assert.match(stderr, complaint);
  }
});

test('apply() without a file tries the draft beside the configuration, which stays', async () => {
  await writeFile(draft, JSON.stringify({ ...base, startMetric: 300 }));
  assert.equal((await lab.cli(['apply'])).code, 0);
  await hasMetric(300);
  await lab.cli(['revert']);
  assert.equal(existsSync(draft), true);
});

test('a change of the file during a trial is read after it', async () => {
  await tryMetric(300);
  await writeFile(file, JSON.stringify({ ...base, startMetric: 500 }));
  await daemon.line(/is read again when the trial of another configuration is over/);
  await hasMetric(300);
  await lab.cli(['revert']);
  await hasMetric(500);
});

test('confirm() is refused when the time ran out, and the file stays', async () => {
  const at = Date.now();
  await writeFile(next, JSON.stringify({ ...base, startMetric: 300 }));
  assert.equal((await lab.cli(['apply', next, '--confirm', '1s'])).code, 0);
  await told(/^back to the configuration .*not confirmed in time/, at);
  await hasMetric(77);
  const { code, stderr } = await lab.cli(['confirm']);
  assert.equal(code, 1);
  assert.match(stderr, /no configuration is on trial/);
  assert.equal(readFileSync(file, 'utf8'), earlier);
});

async function restart(): Promise<void> {
  daemon = await lab.daemon({ config: file });
  await scene.until(
    () =>
      scene.see().then(
        ({ pid }) => pid === daemon.pid,
        () => false,
      ),
    'the control socket',
  );
}
