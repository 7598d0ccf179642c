import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compile, compiledFolder, compileIfChanged, isCompiled } from '../../src/process/compile.mjs';
import { programFolder } from '../../src/process/program.ts';

const program = mkdtempSync(join(tmpdir(), 'failover-compile-'));
after(() => rmSync(program, { recursive: true }));
for (const part of ['models', 'package.json', 'package-lock.json', 'src', 'tsconfig.json'])
  cpSync(join(programFolder, part), join(program, part), { recursive: true });
mkdirSync(join(program, 'node_modules'));
for (const name of readdirSync(join(programFolder, 'node_modules')))
  if (!name.startsWith('.'))
    symlinkSync(join(programFolder, 'node_modules', name), join(program, 'node_modules', name));

const output = join(compiledFolder(program), 'src/cli.mjs');

test('compile() makes what everybody may read, whatever the umask', async () => {
  assert.equal(await isCompiled(program), false);
  const umask = process.umask(0o077);
  await compile(program);
  process.umask(umask);
  assert.equal(await isCompiled(program), true);
  assert.equal(statSync(output).mode & 0o777, 0o644);
  assert.equal(statSync(compiledFolder(program)).mode & 0o777, 0o755);
});

test('isCompiled() notices a changed source, and not one that was only touched', async () => {
  const source = join(program, 'src/process/version.ts');
  utimesSync(source, new Date(), new Date(1e12));
  assert.equal(await isCompiled(program), true);
  const text = readFileSync(source, 'utf8');
  writeFileSync(source, text.replace("'unknown'", "'unheard'")); // as long as before
  utimesSync(source, new Date(), new Date(1e12 + 1000));
  assert.equal(await isCompiled(program), false);
  await compileIfChanged(program);
  assert.equal(await isCompiled(program), true);
});

test('compile() keeps the parts of the build before, which a running process may still load', async () => {
  const parts = () => readdirSync(join(compiledFolder(program), 'parts'));
  const stamp: { outputs: string[] } = JSON.parse(
    readFileSync(join(compiledFolder(program), 'stamp.json'), 'utf8'),
  );
  const before = stamp.outputs.filter((name) => name.startsWith('parts/')).map((name) => name.slice(6));
  const source = join(program, 'src/commands/plan.ts');
  writeFileSync(source, `${readFileSync(source, 'utf8')}\nexport const changed = 'for the test';\n`);
  await compile(program);
  assert.deepEqual(
    before.filter((name) => !parts().includes(name)),
    [],
  );
  assert.ok(parts().some((name) => !before.includes(name)));
});

test('the daemon loads nothing that reads configurations or command lines', async () => {
  const loaded = await loadedBy('src/commands/run.ts');
  for (const name of [
    'zod',
    'cosmiconfig',
    'smol-toml',
    'commander',
    'shelljs',
    'esbuild',
    'tsx',
    'typescript',
  ])
    assert.deepEqual(
      [...loaded].filter((file) => file.includes(`node_modules/${name}/`)),
      [],
      name,
    );
  for (const file of ['src/cli.ts', 'src/daemon/daemon.ts', 'node_modules/chokidar/index.js'])
    assert.ok(loaded.has(file), `${file} is found when it is loaded`);
  assert.ok((await loadedBy('src/config/load/load-child.ts')).has('node_modules/smol-toml/dist/parse.js'));
});

/** The sources that are in memory when the command line has loaded one command, from the compiled files' maps. */
async function loadedBy(command: string): Promise<Set<string>> {
  await compileIfChanged(programFolder);
  const folder = compiledFolder(programFolder);
  const sources = new Map<string, readonly string[]>();
  const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const visit = (file: string): void => {
    if (sources.has(file)) return;
    const map: { sources: string[] } = JSON.parse(textOf(`${file}.map`));
    sources.set(
      file,
      map.sources.map((source) => join(folder, file, '..', source).slice(programFolder.length + 1)),
    );
    for (const [, next = ''] of textOf(file).matchAll(
      /^(?:import|\} from|export [^\n]*from) ?[^\n]*?["'](\.[^"']+\.mjs)["'];$/gm,
    ))
      visit(join(file, '..', next));
  };
  visit('src/cli.mjs');
  const stamp: { outputs: string[] } = JSON.parse(textOf('stamp.json'));
  const own = stamp.outputs.find((file) => {
    if (!file.endsWith('.map')) return false;
    const map: { sources: string[] } = JSON.parse(textOf(file));
    return map.sources.some((source) => source.endsWith(command));
  });
  assert.ok(own, command);
  visit(own.replace(/\.map$/, ''));
  return new Set([...sources.values()].flat());
}
