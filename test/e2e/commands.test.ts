/** The commands against a running daemon, a stopped one and none. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Decision } from '../../models/decision.ts';
import { createLab } from '../../src/lab/lab.ts';
import type { LabDaemon } from '../../src/lab/lab-daemon.ts';
import { statusSchema } from '../report/status-schema.ts';
import { linesOf, quick, Scene, twoIsps } from './scene.ts';

const lab = await createLab({ isps: twoIsps });
after(() => lab.close());
const config = await lab.writeConfig({ ...lab.config(), ...quick });
const recording = join(lab.folder, 'recording.jsonl');

/** Runs a command that must end with this status. Returns what it printed: errors when it failed. */
async function cli(code: number, ...args: readonly string[]): Promise<string> {
  const outcome = await lab.cli(args);
  assert.equal(outcome.code, code, `${args.join(' ')}: ${outcome.stderr}${outcome.stdout}`);
  return code === 0 || outcome.stderr === '' ? outcome.stdout : outcome.stderr;
}

/** Runs the lines of a plan. */
async function carryOut(plan: string): Promise<void> {
  for (const line of linesOf(plan).filter((text) => !text.startsWith('#'))) {
    const [, name, value] = /^sysctl -w (\S+)=(\S+)$/.exec(line) ?? [];
    if (name === undefined) await lab.run('router', line.split(' '));
    else await lab.run('router', ['tee', `/proc/sys/${name.replaceAll('.', '/')}`], value);
  }
}

const nothingToDo = '# nothing to do: routes and rules are as they should be\n';

test('status, why and history without a daemon end with 1 and say how to start one', async () => {
  for (const command of ['status', 'why', 'history'])
    assert.match(await cli(1, command), /no daemon is running: .*failover run/);
});

test('check prints the effective settings, or every mistake', async () => {
  assert.match(await cli(0, 'check', config), /checkInterval +\S+ +100ms/);
  const bad = join(lab.folder, 'bad.json');
  await writeFile(bad, JSON.stringify({ ...lab.config(), startMetrik: 1, checkInterval: 'soon' }));
  const complaint = await cli(78, 'check', bad);
  assert.match(complaint, /startMetrik/);
  assert.match(complaint, /soon/);
});

test('plan before the first start prints commands that, carried out, leave nothing to do', async () => {
  const first = await cli(0, 'plan', '--config', config);
  assert.match(
    first,
    /^ip -4 route add default via 10\.10\.1\.254 dev eth1 src 10\.10\.1\.1 metric 77 proto 77$/m,
  );
  assert.match(first, /^ip -6 rule add pref 10770 oif eth2 lookup 102 protocol 77$/m);
  assert.deepEqual(linesOf(await lab.ip('route show table all proto 77')), [], 'nothing was done');
  await carryOut(first);
  assert.equal(await cli(0, 'plan', '--config', config), nothingToDo);
  const { commands } = JSON.parse(await cli(0, 'plan', '--config', config, '--all', '--json')) as {
    commands: string[];
  };
  const routes = linesOf(first).filter((line) => line.startsWith('ip '));
  assert.deepEqual([...commands].sort(), routes.sort());
});

let daemon: LabDaemon;
let scene: Scene;

test('status tells who carries the traffic and how each provider does', async () => {
  daemon = await lab.daemon({ config, args: ['--record', recording] });
  scene = new Scene(lab, daemon);
  await scene.calm();
  const page = await cli(0, 'status');
  assert.match(page, /^The internet works: IPv4 and IPv6 go through fibre( since [\d:]+ \(.*\))?\.\n\n/);
  assert.match(page, /^. fibre +eth1 +reliable, [\d.]+ ms +reliable, [\d.]+ ms/m);
  assert.match(page, new RegExp(`process ${daemon.pid}`));
  assert.match(await cli(0, 'status', '--brief'), /^The internet works: IPv4 and IPv6 go through fibre.*\n$/);
  assert.equal(await readFile(`/proc/${daemon.pid}/comm`, 'utf8'), 'failover run --\n'); // `ps`, `top`, `systemctl`
  const all = await cli(0, 'status', '--all');
  assert.match(all, /fibre +eth1, table 101/);
  assert.match(all, /IPv6 +standby +reliable/);
  assert.doesNotMatch(await cli(0, 'status', 'cable'), /eth1/);
  assert.match(await cli(1, 'status', 'cabl'), /did you mean "cable"/);
  const snapshot = statusSchema.parse(JSON.parse(await cli(0, 'status', '--json')));
  assert.equal(snapshot.pid, daemon.pid);
  assert.equal(snapshot.configFile, config);
  assert.deepEqual(snapshot.active, { 4: ['fibre'], 6: ['fibre'] });
  assert.deepEqual(
    snapshot.paths.map(({ path }) => path),
    ['fibre/4', 'fibre/6', 'cable/4', 'cable/6'],
  );
  assert.deepEqual(snapshot.drift, []);
});

test('status --check ends with 0 when all is well, 1 when a line is down, 2 when none works, 3 without a daemon', async () => {
  const check = async () => {
    const { code, stdout } = await lab.cli(['status', '--check']);
    return { code, stdout };
  };
  const becomes = async (code: number, sentence: RegExp): Promise<void> => {
    let last = await check();
    await scene.until(
      async () => {
        last = await check();
        return last.code === code;
      },
      () => `exit status ${code}, not ${last.code}: ${last.stdout}`,
      60_000,
    );
    assert.match(last.stdout, sentence);
  };
  await becomes(0, /^The internet works: [^;]*\.\n$/);
  await lab.cut('cable');
  await becomes(1, /^The internet works: .*; cable is (down|unreliable)\b.*\.\n$/);
  await lab.cut('fibre');
  await becomes(2, /^Nothing gets through to the internet, since .*\n$/);
  await Promise.all([lab.heal('cable'), lab.heal('fibre')]);
  await becomes(0, /^The internet works/);
  process.kill(daemon.pid, 'SIGSTOP');
  try {
    await becomes(3, /^failover: the daemon .* did not answer within 3 s/);
  } finally {
    process.kill(daemon.pid, 'SIGCONT');
  }
});

test('test runs every scenario once through each provider', async () => {
  const all = await cli(0, 'test');
  assert.equal(linesOf(all).filter((line) => line.startsWith('passed ')).length, 12, all);
  await lab.cut('cable');
  const { paths } = JSON.parse(await cli(1, 'test', '--json')) as {
    paths: { path: string; targets: { result: { ok: boolean } }[] }[];
  };
  for (const { path, targets } of paths)
    assert.deepEqual(
      targets.map(({ result }) => result.ok),
      Array(3).fill(path.startsWith('fibre')),
      path,
    );
  assert.match(await cli(1, 'test', 'cable'), /failed +ping 1\.1\.1\.1/);
  await cli(0, 'test', 'fibre');
  assert.match(await cli(1, 'test', 'nobody'), /there is no provider "nobody"; there are fibre, cable/);
  await lab.heal('cable');
});

test('why and history tell the last decisions with their numbers and limits', async () => {
  await scene.calm();
  const at = Date.now();
  await lab.cut('fibre');
  await scene.carries('cable');
  const why = await cli(0, 'why');
  assert.match(why, /IPv4 and IPv6 move from fibre to cable/);
  assert.match(why.replaceAll(/\s+/g, ' '), /nothing got through for .* \(limit 300 ms\)/);
  assert.match(why, /minOutageMs/);
  assert.match(await cli(0, 'why', 'cable'), /IPv4 and IPv6 now: active, reliable/);
  assert.match(await cli(1, 'why', 'cabl'), /did you mean "cable"/);
  const decisions = JSON.parse(await cli(0, 'history', '--json')) as Decision[];
  const moves = decisions.filter(({ kind, at: then }) => kind === 'switch' && then >= at);
  assert.deepEqual(moves.map(({ family, from, to }) => [family, from, to]).sort(), [
    [4, 'fibre', 'cable'],
    [6, 'fibre', 'cable'],
  ]);
  const history = await cli(0, 'history');
  assert.match(history, /IPv4 and IPv6 move from fibre to cable/);
  assert.doesNotMatch(history, /ip route|routes updated/);
  const verbose = await cli(0, 'history', '--verbose');
  assert.match(verbose, /routes updated\n +ip /);
  assert.ok(verbose.indexOf('move from fibre to cable') < verbose.lastIndexOf('routes updated'), verbose);
  await lab.heal('fibre');
  await scene.calm();
});

test('plan beside a running daemon has nothing to do; beside a stopped one it names what is missing', async () => {
  assert.equal(await cli(0, 'plan'), nothingToDo);
  process.kill(daemon.pid, 'SIGSTOP');
  try {
    await lab.ip('route del default metric 78', 'rule del pref 10770 oif eth1');
    await lab.ip6('route replace default via 2001:db8:2::fe dev eth2 table 101 metric 1024 proto 77');
    assert.deepEqual(linesOf(await cli(0, 'plan', '--config', config)), [
      'ip -6 route replace default via 2001:db8:1::fe dev eth1 table 101 metric 1024 proto 77',
      'ip -4 rule add pref 10770 oif eth1 lookup 101 protocol 77',
      'ip -4 route add default via 10.10.2.254 dev eth2 src 10.10.2.1 metric 78 proto 77',
    ]);
    assert.match(await cli(1, 'status'), /did not answer within 3 s/);
  } finally {
    process.kill(daemon.pid, 'SIGCONT');
  }
  await scene.until(async () => (await scene.routes('default metric 78')).length === 1, 'the repair');
  await scene.carries('fibre');
  assert.equal(await cli(0, 'plan'), nothingToDo);
});

test('replay of a recorded run gives the decisions it gave', async () => {
  assert.equal((await daemon.stop()).code, 0);
  for (const args of [['history'], ['why'], ['why', 'cable']]) {
    const { code, stdout, stderr } = await lab.cli(args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^failover: no daemon answers; this is from \S+state\.json, written .* ago$/m);
    assert.match(stdout, /IPv[46] moves? from (fibre|cable) to/);
  }
  assert.match(await cli(1, 'why', 'cabl'), /did you mean "cable"/);
  const { ok, notes, decisions } = JSON.parse(await cli(0, 'replay', recording, '--json')) as {
    ok: boolean;
    notes: string[];
    decisions: { occurs: string; decision: Decision }[];
  };
  assert.deepEqual([ok, notes], [true, []]);
  const moves = decisions
    .filter(({ decision }) => decision.kind === 'switch')
    .map(({ decision }) => decision.to);
  assert.ok(moves.includes('cable') && moves.at(-1) === 'fibre', moves.join());
  const deaf = await lab.writeConfig({ ...lab.config(), ...quick, minOutage: '60s' });
  const other = await cli(0, 'replay', recording, '--config', deaf);
  assert.match(other, /[1-9]\d* only then/);
});
