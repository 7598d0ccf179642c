import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { TestScenarioPing } from '../../../models/config.ts';
import { loadConfig } from '../../../src/config/load/load.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { programFolder } from '../../../src/process/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-load-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes a file into the test's own folder, which is outside the program's. */
function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function inputOf(file: string): Promise<unknown> {
  const loaded = await loadConfig(file);
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.message);
  return loaded.input;
}

async function refusalOf(file: string): Promise<string> {
  const loaded = await loadConfig(file, { timeoutMs: 1000 });
  assert.ok(!loaded.ok);
  return loaded.message;
}

/** Lays down root's right to read everything, where we have it; returns what takes it up again. */
function withoutRights(): () => void {
  if (process.geteuid?.() !== 0) return () => undefined;
  try {
    process.seteuid?.(65_534);
  } catch {
    return () => undefined; // root of a user namespace has no other user, and no right to read /etc/shadow
  }
  return () => process.seteuid?.(0);
}

describe('loadConfig()', () => {
  for (const [name, first, second] of [
    ['again0.ts', 'const n: number = 1; export default { n };', 'const n: number = 2; export default { n };'],
    ['again1.mts', 'export default { n: 1 };', 'export default { n: 2 };'],
    ['again2.js', 'export default { n: 1 };', 'export default { n: 2 };'],
    ['again3.mjs', 'export const n = 1;', 'export const n = 2;'],
    ['again4.cjs', 'module.exports = { n: 1 };', 'module.exports = { n: 2 };'],
    ['again5.json', '{ "n": 1 }', '{ "n": 2 }'],
    ['again6.yaml', 'n: 1', 'n: 2'],
    ['again7.toml', 'n = 1', 'n = 2'],
  ] as const)
    test(`reads the present text of ${name}`, async () => {
      assert.deepEqual(Object.entries(Object(await inputOf(write(name, first)))), [['n', 1]]);
      assert.deepEqual(Object.entries(Object(await inputOf(write(name, second)))), [['n', 2]]);
    });

  test('reads the present text of a module inside an ES package, with the same classes', async () => {
    mkdirSync(join(folder, 'package'));
    write('package/package.json', '{ "type": "module" }');
    const models = JSON.stringify(join(programFolder, 'models/config.ts'));
    const text = (target: string) =>
      `import { ping } from ${models};\nexport default { scenario: ping('${target}') };`;
    for (const target of ['1.1.1.1', '8.8.8.8']) {
      const input = (await inputOf(write('package/config.ts', text(target)))) as { scenario: unknown }; // as written above
      assert.ok(input.scenario instanceof TestScenarioPing);
      assert.equal(input.scenario.target, target);
    }
  });

  test('takes scenarios of a configuration outside the program', async () => {
    const models = JSON.stringify(join(programFolder, 'models/config.ts'));
    const file = write(
      'outside.ts',
      `import { ping } from ${models};
       export default { providers: [{ id: 'a', interfaceName: 'eth1' }], testScenarios: [ping('1.1.1.1')] };`,
    );
    const parsed = parseConfig(await inputOf(file), { file });
    assert.ok(parsed.ok);
    assert.equal(parsed.config.testScenarios[0]?.name, 'ping 1.1.1.1');
  });

  test('says what to import when models are not where the file looks', async () => {
    const file = write(
      'relative.ts',
      "import { ping } from './models/config.ts';\nexport default { a: ping };",
    );
    assert.match(
      await refusalOf(file),
      /imports what is not there .*import \{ defineConfig, ping \} from '\/.*models\/config\.ts'/,
    );
  });

  test('searches the folders in order, and the names in order', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    for (const place of [one, two]) mkdirSync(place);
    write('two/config.toml', 'n = 1');
    const found = async () => (await loadConfig(undefined, { folders: [one, two] })).file;
    assert.equal(await found(), join(two, 'config.toml'));
    write('two/config.json', '{}');
    assert.equal(await found(), join(two, 'config.json'));
    write('one/config.yml', 'n: 1');
    assert.equal(await found(), join(one, 'config.yml'));
  });

  test('says where it looked when there is nothing', async () => {
    const loaded = await loadConfig(undefined, { folders: [join(folder, 'nowhere')] });
    assert.deepEqual(loaded, {
      ok: false,
      file: undefined,
      message: `no configuration found: expected config.ts, config.js, config.mjs, config.json, config.yaml, config.yml, config.toml in the program's folder (${programFolder}) or its config/; name one, as in 'failover check FILE'`,
    });
  });

  test('refuses what is no readable file', async () => {
    assert.match(await refusalOf(join(folder, 'none.ts')), /none\.ts does not exist/);
    assert.match(await refusalOf(folder), /is a folder/);
    assert.match(await refusalOf('/dev/zero'), /is not a regular file/);
    assert.match(await refusalOf(join(write('file.ts', ''), 'below.ts')), /does not exist|cannot be reached/);
    assert.match(await refusalOf(write('large.json', ' '.repeat(5 << 20))), /larger than 4 MiB/);
  });

  test('says what is wrong in JSON, and where, in one line', async () => {
    const file = join(folder, 'comma.json');
    writeFileSync(file, '{\n  "providers": [],\n}\n');
    const loaded = await loadConfig(file);
    assert.ok(!loaded.ok);
    assert.match(loaded.message, /comma\.json is not valid JSON: Expected .*property name.* \(3:1\)$/);
  });

  test('refuses a .js that tsx would take the .ts beside it for', async () => {
    write('twin.ts', 'export default { n: 1 };');
    assert.match(
      await refusalOf(write('twin.js', 'export default { n: 2 };')),
      /twin\.js is next to twin\.ts, which would be read instead; remove or rename one/,
    );
  });

  test('refuses a file it may not read', async () => {
    const file = join(folder, 'secret.json');
    symlinkSync('/etc/shadow', file);
    chmodSync(folder, 0o755);
    const back = withoutRights();
    try {
      assert.match(
        await refusalOf(file),
        /may not be read; it must be readable by everyone, since .*: chmod 644 \S*\/secret\.json/,
      );
    } finally {
      back();
    }
  });

  test('says what is closed when it cannot reach a file', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    write('closed/config.json', '{}');
    const back = withoutRights();
    try {
      if (process.geteuid?.() !== 65_534) return; // cannot be tried here
      assert.match(await refusalOf(join(closed, 'config.json')), /cannot be reached: .*EACCES.*chmod 755/);
    } finally {
      back();
    }
  });

  test('names what is used without being imported, if it is ours', async () => {
    const used = (name: string) => write(`${name}.ts`, `export default { testScenarios: [${name}('x')] };`);
    assert.match(
      await refusalOf(used('http')),
      /threw ReferenceError: http is not defined; add it to the import: import \{ http \} from '\/\S+\/models\/config\.ts'$/,
    );
    assert.match(await refusalOf(used('htpp')), /threw ReferenceError: htpp is not defined$/);
  });

  test('says where a file may wait at its top level', async () => {
    assert.match(
      await refusalOf(write('waits.ts', 'await Promise.resolve();\nexport default { n: 1 };')),
      /waits at its top level \(await\), which works only in a folder whose package\.json says "type": "module", such as \//,
    );
  });

  test('gives up on a module that never finishes', async () => {
    mkdirSync(join(folder, 'hanging'));
    const text = 'await new Promise(() => undefined);\nexport default {};';
    assert.match(await refusalOf(write('hanging/config.mjs', text)), /did not finish loading within 1 s/);
    assert.match(
      await refusalOf(write('hanging/promise.mjs', 'export default new Promise(() => undefined);')),
      /did not finish/,
    );
  });

  test('does not follow cosmiconfig imports', async () => {
    assert.deepEqual(await inputOf(write('import.json', '{ "$import": "./other.json" }')), {
      $import: './other.json',
    });
    assert.equal(await inputOf(write('null.json', 'null')), null);
  });
});
