/** What an operator's own code does wrong: the daemon says so, sets that scenario aside, and goes on with the others. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { programFolder } from '../../src/process/program.ts';
import { openScene, quick, Scene } from './scene.ts';

const { lab, daemon: first } = await openScene();
after(() => lab.close());
const file = join(lab.folder, 'config.ts');
const counts = join(lab.folder, 'counts');
const base = { ...quick, ...lab.config() };
await first.stop();

/** A configuration with a scenario that does well, which leaves a mark each time it runs, and another one. */
function configuration(other = '', statements = ''): string {
  return `import { appendFileSync } from 'node:fs';
import * as net from 'node:net';
import { defineConfig, ping, TestScenario } from '${programFolder}/models/config.ts';

${statements}
class Innocent extends TestScenario {
  name = 'innocent';
  override get everyMs(): number { return 200; }
  async runTest(provider: unknown, probe: { echo(to: string): Promise<any> }) {
    appendFileSync('${counts}', '.');
    return probe.echo('gateway');
  }
}
const other = { name: 'other', families: [4], everyMs: 200, async runTest(): Promise<any> {
  ${other}
  return { ok: true, rttMs: 1 };
} };
export default defineConfig({ ...${JSON.stringify(base)}, testScenarios: [ping('gateway'), new Innocent(), other] } as any);
`;
}

async function write(text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

writeFileSync(counts, '');
await write(configuration());
const daemon = await lab.daemon({ config: file });
const scene = new Scene(lab, daemon);
await daemon.line(/failover \S+ started/);

/** Innocent goes on, and so do the daemon and its verdicts. */
async function assertGoesOn(): Promise<void> {
  const before = readFileSync(counts, 'utf8').length;
  await scene.until(
    () => readFileSync(counts, 'utf8').length > before + 5,
    'runs of the scenario that does well',
  );
  assert.equal(daemon.exitCode, undefined);
  assert.equal((await scene.see()).pid, daemon.pid);
  await scene.reliable();
}

function occurrences(pattern: RegExp): number {
  return daemon.lines.filter((line) => pattern.test(line)).length;
}

/** Gives the daemon another configuration and waits for a line that was not there before. */
async function reloadUntil(text: string, pattern: RegExp, timeoutMs = 20_000): Promise<void> {
  const before = occurrences(pattern);
  await write(text);
  await scene.until(() => occurrences(pattern) > before, `a line like ${pattern}`, timeoutMs);
}

test('run() with code of its own in the configuration runs it', async () => {
  await scene.until(async () => (await scene.see().catch(() => undefined)) !== undefined, 'its socket');
  await assertGoesOn();
});

const faults = [
  {
    what: 'throws in a timer',
    body: "setTimeout(() => { throw new Error('boom'); }, 10);",
    line: /the scenario other failed where nothing caught it: Error: boom \(\/\S+\/config\.ts:15:\d+\); it is set aside for 60 s/,
  },
  {
    what: 'has a socket that fails, and no listener for it',
    body: "net.connect(1, '127.0.0.1');",
    line: /the scenario other failed where nothing caught it: Error: connect ECONNREFUSED 127\.0\.0\.1:1; it is set aside/,
  },
  {
    what: 'ends the process',
    body: 'process.exit(3);',
    line: /the scenario other called process\.exit\(3\); it is set aside for 60 s/,
  },
  {
    what: 'never ends, before it waits for anything',
    body: 'for (;;);',
    line: /the scenario other kept its thread busy for more than \d+\.\d s; it is set aside/,
  },
  {
    what: 'never ends, after it waited',
    body: 'await new Promise((resolve) => setTimeout(resolve, 5)); for (;;);',
    line: /the scenario other kept its thread busy for more than \d+\.\d s; it is set aside/,
  },
  {
    what: 'leaves a promise behind that is rejected',
    body: "void Promise.reject(new Error('forgotten'));",
    line: /something that nothing awaited failed.*: Error: forgotten/,
  },
];

for (const { what, body, line } of faults)
  test(`a scenario that ${what} is reported, and the others go on`, async () => {
    await reloadUntil(configuration(body), line);
    await assertGoesOn();
  });

test('a saved configuration that never finishes loading is ended and refused, and the daemon goes on', async () => {
  const at = Date.now();
  await reloadUntil(
    configuration('', 'for (;;);'),
    /not reloaded.*config\.ts did not finish loading within 10 s/,
    30_000,
  );
  assert.ok(Date.now() - at < 25_000);
  await assertGoesOn();
});

test('a saved configuration that ends the process is refused', async () => {
  const exits = configuration('', 'process.exit(4);');
  await reloadUntil(exits, /not reloaded.*ended the process that read it, with status 4/);
  await assertGoesOn();
});
