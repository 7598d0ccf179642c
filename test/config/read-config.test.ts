/** The one way to a configuration: what is read in a process of its own is what is read here. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { IsolatedScenario } from '../../models/isolated-scenario.ts';
import { inspectConfig, readConfig } from '../../src/config/read-config.ts';
import { programFolder } from '../../src/process/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-read-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');

/** Writes a file into the test's own folder. */
function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const models = JSON.stringify(join(programFolder, 'models/config.ts'));
const providers = "providers: [{ id: 'a', interfaceName: 'eth1' }]";

test('inspectConfig() says the same of a document here and in a process of its own', async () => {
  const good = write(
    'good.json',
    '{ "providers": [{ "id": "a", "interfaceName": "eth1" }], "minOutage": "2s" }',
  );
  const bad = write('bad.yaml', 'providers: []\ncheckIntervall: 1s\n');
  const broken = write('broken.toml', 'providers = [');
  for (const file of [good, bad, broken, join(folder, 'none.json')])
    assert.deepEqual(
      JSON.parse(JSON.stringify(await inspectConfig(file, { apart: true }))),
      JSON.parse(JSON.stringify(await inspectConfig(file))),
    );
});

test('readConfig() gives scenarios of the operator with their code, which ran elsewhere', async () => {
  const file = write(
    'own.ts',
    `import { ping, TestScenario } from ${models};
     (globalThis as any).wasRun = true;
     class Api extends TestScenario {
       name = 'our API';
       override get weight(): number { return 2; }
       async runTest() { return { ok: true, rttMs: 1 } as const; }
     }
     async function greets() { return { ok: true, rttMs: 1 }; }
     export default { ${providers}, requiredSuccessful: 1, testScenarios: [ping('1.1.1.1'), new Api(), greets] };`,
  );
  const read = await readConfig(file);
  assert.ok(read.ok, read.ok ? '' : read.complaint);
  assert.ok(!('wasRun' in globalThis));
  const [, api, greets] = read.config.testScenarios;
  assert.ok(api instanceof IsolatedScenario && greets instanceof IsolatedScenario);
  assert.deepEqual([api.name, api.weight, greets.name], ['our API', 2, 'greets']);
  assert.deepEqual(
    [api.place, greets.place],
    [
      ['testScenarios', 1],
      ['testScenarios', 2],
    ],
  );
  assert.equal(api.code, greets.code, 'one bundle');
  const { sources } = JSON.parse(api.code.map) as { sources: string[] };
  assert.ok(sources.includes(file), String(sources));
});

test('readConfig() refuses a program that ends its process, hangs, or prints, as it should', async () => {
  const complaint = async (name: string, text: string, timeoutMs = 30_000): Promise<string> => {
    const read = await readConfig(write(name, text), { timeoutMs });
    return read.ok ? 'read' : read.complaint;
  };
  assert.match(
    await complaint('exit.ts', 'process.exit(3);'),
    /exit\.ts ended the process that read it, with status 3/,
  );
  assert.match(
    await complaint('loop.ts', 'for (;;);\nexport {};', 500),
    /loop\.ts did not finish loading within 0\.5 s/,
  );
  const prints = `process.stdout.write('{"file":"x"}'); export default { ${providers} };`;
  assert.equal(await complaint('prints.ts', prints), 'read', 'what it prints is no answer');
});

test('readConfig() reads files that a configuration imports again each time', async () => {
  const text = `import { ms } from './other.ts';\nexport default { ${providers}, checkInterval: ms / 1000 };`;
  const file = write('importing.ts', text);
  for (const ms of [300, 400]) {
    write('other.ts', `export const ms = ${ms};`);
    const read = await readConfig(file);
    assert.ok(read.ok, read.ok ? '' : read.complaint);
    assert.equal(read.config.checkIntervalMs, ms);
  }
});
