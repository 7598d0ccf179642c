import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInGroup, start } from '../../src/kernel/exec.ts';
import { until } from '../support/until.ts';

let last = process.pid * 1000;

/** A number of seconds that no other process sleeps for. */
function seconds(): string {
  last += 1;
  return `${last}`;
}

/** The fields of proc_pid_stat(5) after the name, of all processes. */
function processes(): { pid: string; command: string; state: string; parent: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
        return [{ pid, command, state, parent: Number(parent) }];
      } catch {
        return []; // it ended meanwhile
      }
    });
}

const sleepers = (number: string): number =>
  processes().filter(({ command, state }) => command === `sleep ${number}` && state !== 'Z').length;
const zombies = (): number =>
  processes().filter(({ state, parent }) => state === 'Z' && parent === process.pid).length;

/** What hides from the kill of a group, and how many sleep in each. */
const escapes: Readonly<Record<string, (number: string) => string>> = {
  'timeout(1)': (n) => `timeout 1000 sleep ${n}`,
  'timeout(1) in the background': (n) => `timeout 1000 sleep ${n} & wait`,
  'setsid(1)': (n) => `setsid sleep ${n} & wait`,
  'a double fork': (n) => `(setsid sh -c "sleep ${n} & sleep ${n} & wait" &) & sleep 1000`,
  'a double fork with a cleared environment': (n) => `(env -i setsid sleep ${n} &) & sleep 1000`,
  'timeout(1) in sessions in double forks': (n) =>
    `(setsid sh -c "(setsid timeout 1000 sh -c 'sleep ${n}; :' &) & sleep 1000" &) & sleep 1000`,
};

for (const [name, script] of Object.entries(escapes)) {
  test(`runInGroup() leaves nothing of ${name} alive after the deadline`, async () => {
    const number = seconds();
    const ended = runInGroup('sh', ['-c', script(number)], { timeoutMs: 1500 });
    await until(() => sleepers(number) > 0, 'the sleep');
    assert.equal((await ended).killed, true);
    await until(() => sleepers(number) === 0 && zombies() === 0, 'the end of all');
  });

  test(`runInGroup() leaves nothing of ${name} alive after the program's own end`, async () => {
    const number = seconds();
    const leaves = `(${script(number)}) & until pgrep -xf 'sleep ${number}'; do sleep 0.05; done; exit 3`;
    const outcome = await runInGroup('sh', ['-c', leaves], { timeoutMs: 10_000 });
    assert.deepEqual([outcome.code, outcome.killed], [3, false]);
    await until(() => sleepers(number) === 0 && zombies() === 0, 'the end of all');
  });
}

test('runInGroup() ends the strays of its own run only, whichever of several ends first', async () => {
  const [first, second] = [seconds(), seconds()];
  const stray = (n: string): string => `(setsid sleep ${n} &) & sleep 1000`;
  const long = new AbortController();
  const other = runInGroup('sh', ['-c', stray(second)], { timeoutMs: 60_000, signal: long.signal });
  await until(() => sleepers(second) === 1, 'the longer one');
  const short = runInGroup('sh', ['-c', stray(first)], { timeoutMs: 500 });
  await short;
  await until(() => sleepers(first) === 0, 'the end of the shorter one');
  assert.equal(sleepers(second), 1);
  long.abort();
  await other;
  await until(() => sleepers(second) === 0 && zombies() === 0, 'the end of all');
});

test('runInGroup() leaves alone what was started otherwise', async () => {
  const number = seconds();
  const child = start('sleep', [number]);
  await runInGroup('true', [], { timeoutMs: 10_000 });
  await runInGroup('sh', ['-c', 'setsid sleep 1000 & exit 0'], { timeoutMs: 10_000 });
  assert.equal(sleepers(number), 1);
  child.kill('SIGKILL');
});

test('runInGroup() accumulates no zombies', async () => {
  const number = seconds();
  for (let i = 0; i < 50; i++) {
    const script = `(setsid sh -c "sleep ${number} & true" &) & timeout 1000 sleep ${number} & exit 0`;
    await runInGroup('sh', ['-c', script], { timeoutMs: 10_000 });
  }
  await until(() => sleepers(number) === 0 && zombies() === 0, 'the end of all');
});

const exec = fileURLToPath(new URL('../../src/kernel/exec.ts', import.meta.url));

for (const [end, after] of [
  ['is killed', undefined],
  ['exits', 'setTimeout(() => process.exit(0), 300)'],
] as const) {
  test(`runInGroup() leaves nothing alive when this process ${end}`, async () => {
    const number = seconds();
    const { 'a double fork with a cleared environment': _, ...scripts } = escapes; // only a control group finds that
    const all = Object.values(scripts).map((script) => script(number));
    const program = `import { runInGroup } from '${exec}';
      for (const script of ${JSON.stringify(all)})
        void runInGroup('sh', ['-c', script], { timeoutMs: 600_000 });
      process.stdin.once('data', () => { ${after ?? ''} });`;
    const daemon = start(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
    daemon.stderr.pipe(process.stderr);
    await until(() => sleepers(number) === 6, 'all of them');
    if (after === undefined) daemon.kill('SIGKILL');
    else daemon.stdin.write('end');
    await until(() => sleepers(number) === 0, 'the end of all');
  });
}

test('runInGroup() finds strays by their marks where libc cannot be called', async () => {
  const number = seconds();
  const program = `import Module from 'node:module';
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (name === 'koffi') throw new Error('none for this machine');
      return load(name, ...rest);
    };
    const { runInGroup } = await import('${exec}');
    await runInGroup('sh', ['-c', '(setsid sleep ${number} &) & sleep 0.5'], { timeoutMs: 10_000 });
    console.log('ended');
    process.stdin.resume();`;
  const daemon = start(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  daemon.stderr.pipe(process.stderr);
  await until(() => sleepers(number) === 1, 'the sleep');
  await once(daemon.stdout, 'data');
  await until(() => sleepers(number) === 0, 'its end');
  assert.equal(daemon.exitCode, null);
  daemon.kill('SIGKILL');
});
