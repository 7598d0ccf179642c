/** What a stranger leaves in the working folder, or a variable names, must not be run: not by a command, not by a Tab. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { programFolder } from '../../src/process/program.ts';

const top = mkdtempSync(join(tmpdir(), 'failover-strangers-'));
after(() => rmSync(top, { recursive: true }));
const [program, evil] = [join(top, 'program'), join(top, 'evil')];
const here = join(evil, 'sub'); // the working folder; the one above it is the stranger's too
const trace = join(top, 'ran');
const attack = `appendFileSync('${trace}', process.argv.join(' ') + '\\n');`;
const asCommonJs = `const { appendFileSync } = require('node:fs'); ${attack}`;
const asModule = `import { appendFileSync } from 'node:fs'; ${attack} export default {};`;

/** A copy of the program, without a configuration: each command that needs one looks wherever it looks. */
function copyProgram(): void {
  for (const part of ['failover', 'models', 'package.json', 'package-lock.json', 'src', 'tsconfig.json'])
    cpSync(join(programFolder, part), join(program, part), { recursive: true });
  mkdirSync(join(program, 'node_modules'));
  for (const name of readdirSync(join(programFolder, 'node_modules')))
    if (!name.startsWith('.'))
      symlinkSync(join(programFolder, 'node_modules', name), join(program, 'node_modules', name));
  cpSync(join(programFolder, 'package-lock.json'), join(program, 'node_modules/.installed'));
}

copyProgram();
mkdirSync(here, { recursive: true });
beforeEach(() => rmSync(trace, { force: true }));

function put(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

/** Runs a command of the copy in the stranger's folder. `changed`: its sources have to be compiled first. */
function failover(args: readonly string[], { env = {}, changed = false } = {}): string {
  if (changed) utimesSync(join(program, 'src/cli.ts'), new Date(), new Date(Date.now() - 1e6));
  const { stdout, stderr } = spawnSync(join(program, 'failover'), args, {
    cwd: here,
    env: { ...process.env, FAILOVER_RUNTIME_DIRECTORY: join(top, 'run'), ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return stdout + stderr;
}

const commands = [
  ['completion', 'providers'], // a Tab
  ['status'],
  ['check'],
  ['plan'],
  ['generate', 'nftables'],
  ['pin', 'lte'],
  ['unpin'],
  ['test'],
  ['run'],
];

test('config.* of the working folder is not run, nor what cosmiconfig itself would look for there', () => {
  for (const name of ['config.ts', 'config.mjs']) put(join(here, name), asModule);
  for (const name of ['config.js', '.config/config.js', '.config/config.cjs'])
    put(join(here, name), asCommonJs);
  for (const command of commands) {
    const said = failover(command);
    assert.ok(!existsSync(trace), `${command.join(' ')} ran it`);
    const looks = !['completion', 'status'].includes(command[0] ?? '');
    if (looks) assert.match(said, /no configuration found: .* in the program's folder/, command.join(' '));
  }
});

test('tsconfig.json of the working folder or above it has no say in what is loaded', () => {
  put(join(evil, 'evil.mts'), `${asModule} export const Argument = 1, Command = 1, z = 1, watch = 1;`);
  const paths = Object.fromEntries(
    ['commander', 'zod', 'tsx', 'chokidar'].map((name) => [name, [join(evil, 'evil.mts')]]),
  );
  for (const folder of [evil, here])
    put(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { baseUrl: '.', paths } }));
  const own = join(program, 'config.ts');
  writeFileSync(own, `import { z } from 'zod'; export default { providers: [], x: z };`); // read by tsx
  try {
    for (const command of [['--help'], ...commands])
      for (const changed of [false, true]) {
        failover(command, { changed });
        assert.ok(!existsSync(trace), `${command.join(' ')} ran it`);
      }
  } finally {
    rmSync(own);
  }
});

test('variables that Node.js, tsx and esbuild heed name nothing that is run', () => {
  put(join(evil, 'evil.cjs'), asCommonJs);
  put(join(evil, 'modules/esbuild/index.js'), asCommonJs);
  put(join(evil, 'esbuild'), `#!/bin/sh\necho esbuild >> ${trace}\n`);
  chmodSync(join(evil, 'esbuild'), 0o755);
  const variables = {
    NODE_OPTIONS: `--require=${join(evil, 'evil.cjs')}`,
    NODE_PATH: join(evil, 'modules'),
    TSX_TSCONFIG_PATH: join(evil, 'tsconfig.json'),
    ESBUILD_BINARY_PATH: join(evil, 'esbuild'),
  };
  for (const [name, value] of Object.entries(variables)) {
    failover(['check'], { env: { [name]: value }, changed: true });
    assert.ok(!existsSync(trace), name);
  }
});

test('.npmrc of the working folder has no say in the first use', () => {
  put(join(evil, 'shell'), `#!/bin/sh\necho shell >> ${trace}\n`);
  chmodSync(join(evil, 'shell'), 0o755);
  const npmrc = `script-shell=${join(evil, 'shell')}\nnode-options=--require=${join(evil, 'evil.cjs')}\n`;
  for (const folder of [evil, here]) put(join(folder, '.npmrc'), npmrc);
  rmSync(join(program, 'node_modules/.installed'));
  failover(['--version']);
  assert.ok(!existsSync(trace));
});
