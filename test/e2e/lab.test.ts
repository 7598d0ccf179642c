import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Outcome, run, start } from '../../src/kernel/exec.ts';
import { persistentLabFolder, send } from '../../src/lab/persistent-lab.ts';
import { ownWorld } from '../../src/lab/world.ts';
import { until } from '../support/until.ts';

const launcher = fileURLToPath(new URL('../../failover', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'failover-command-'));
chmodSync(folder, 0o1777); // for the plain user too, as /tmp is
after(() => rmSync(folder, { recursive: true, force: true }));

const plainUser = 65534;
const asPlainUser = ['setpriv', `--reuid=${plainUser}`, `--regid=${plainUser}`, '--clear-groups'];
const isRoot = process.getuid?.() === 0;
const skip = await whyNot();
const skipPlain = isRoot
  ? skip || (await whyNotPlain())
  : 'already run as a plain user: the test above is the same';
const present = await send(persistentLabFolder(plainUser), { action: 'hello', args: [] });
const skipKept = skipPlain || (present !== undefined && `${present.folder} is a lab of the same user's`);

/** Why no lab can be had here; false when one can. */
async function whyNot(): Promise<string | false> {
  const [program = '', ...args] = ownWorld(false);
  const { code, stderr } = await run(program, [...args, 'true']);
  return code !== 0 && `no namespaces (${stderr.trim()}): run as root, or allow user namespaces`;
}

async function whyNotPlain(): Promise<string | false> {
  const can = ['unshare', '--user', '--map-root-user', '--net', '--mount', 'test', '-r', launcher];
  const { code, stderr } = await run('setpriv', [...asPlainUser.slice(1), ...can]);
  return (
    code !== 0 && `a plain user has no user namespaces here, or may not read the project: ${stderr.trim()}`
  );
}

function failover(args: readonly string[], prefix: readonly string[] = []): Promise<Outcome> {
  const [program = '', ...rest] = [...prefix, launcher, ...args];
  return run(program, rest, { timeoutMs: 100_000, env: { TMPDIR: folder, HOME: folder } });
}

function expectStory({ code, stdout, stderr }: Outcome): void {
  const { ok, chapters } = JSON.parse(stdout);
  assert.deepEqual({ ok, code }, { ok: true, code: 0 }, stdout + stderr);
  assert.equal(chapters.length, 7);
  assert.ok(chapters[1].outageMs > 500, 'the silent death cost the flow nothing: it was not there');
  assert.deepEqual(leftovers(), []);
}

function leftovers(): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('failover-lab-'));
}

test('lab() tells a story in which everything happens as it should, and leaves nothing', {
  skip,
}, async () => {
  expectStory(await failover(['lab', '--json']));
});

test('lab() does so for a plain user in a user namespace', { skip: skipPlain }, async () => {
  expectStory(await failover(['lab', '--json'], asPlainUser));
});

test('labAct() plays with a kept lab, and ends it', { skip: skipKept }, async () => {
  const [program = '', ...args] = [...asPlainUser, launcher, 'lab', '--stay'];
  const kept = start(program, args, { env: { TMPDIR: folder, HOME: folder } });
  const said: string[] = [];
  kept.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  kept.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const ended = once(kept, 'close');
  await until(
    () => said.join('').includes('lab down'),
    () => `the kept lab, which said ${said.join('')}`,
    60_000,
  );

  const act = (...words: readonly string[]): Promise<Outcome> => failover(['lab', ...words], asPlainUser);
  assert.match((await act('--stay')).stderr, /a lab is already running/);
  assert.match((await act('cut', 'fibre')).stdout, /fibre is cut/);
  const active = async () => JSON.parse((await act('status', '--json')).stdout).active[4][0];
  await until(async () => (await active()) !== 'fibre', 'another provider than fibre', 30_000);
  assert.match((await act('loss', 'lte', '20%')).stdout, /lte loses 20 %/);
  assert.match((await act('heal', 'fibre')).stdout, /fibre works again/);
  const wrong = await act('cut', 'dsl');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /no ISP "dsl"; it has fibre, cable, lte/);
  assert.match((await act('explode', 'fibre')).stderr, /is unknown. There are: cut ISP/);
  assert.match((await act('carrier', 'lte', 'maybe')).stderr, /on or off, not "maybe"/);
  assert.match((await act('cut', 'fibre', 'twice')).stderr, /usage: failover lab cut ISP/);
  assert.match((await act('down', 'now')).stderr, /takes no arguments, not "now"/);
  const healed = await act('heal', 'fibre', '--json');
  assert.deepEqual(JSON.parse(healed.stdout), { ok: true, message: 'fibre works again' });
  assert.equal(JSON.parse((await act('cut', 'dsl', '--json')).stdout).ok, false);

  assert.equal((await act('down')).code, 0);
  assert.equal((await ended)[0], 0);
  assert.deepEqual(leftovers(), []);
  assert.equal(existsSync(persistentLabFolder(plainUser)), false);
  assert.match((await act('heal', 'fibre')).stderr, /no lab is running/);
});

test('lab() ends and leaves nothing when its parent is killed', { skip }, async () => {
  const lab = start(launcher, ['lab'], { env: { TMPDIR: folder, HOME: folder } });
  lab.stderr.resume();
  await once(lab.stdout, 'data');
  await until(() => leftovers().length > 0, 'the lab');
  await once(lab.stdout, 'data'); // drawn: it listens to signals now
  lab.kill('SIGKILL');
  await until(() => leftovers().length === 0, 'the removal of the lab');
});
