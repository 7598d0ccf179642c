/** What the shells make of the completions, and man of its page, compared with what the commands say of themselves. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/kernel/exec.ts';
import { wordPaths } from '../../src/setup/manifest.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const config = `export default { providers: [{ id: 'alpha', interfaceName: 'eth1' }] };`; // in the working folder: not looked at
const ids = ['fibre', 'lte']; // those of the configuration beside the program
const overstrike = new RegExp(`.${String.fromCharCode(8)}`, 'g'); // bold and underlined, as a terminal has it
const env = { PATH: [repository, process.env['PATH'] ?? ''].join(delimiter) };

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'failover-completion-'));
  writeFileSync(join(folder, 'config.ts'), config);
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function told(program: string, ...args: readonly string[]): Promise<string> {
  const inFolder = ['-c', 'cd "$1" && shift && exec "$@"', 'sh', folder, program, ...args];
  const { code, stdout, stderr } = await run('sh', inFolder, { env, timeoutMs: 30_000 });
  assert.equal(code, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** The first words of a usage text's lines: commands, or long options. */
async function listed(what: RegExp, ...args: readonly string[]): Promise<string[]> {
  const usage = await told(join(repository, 'failover'), ...args, '--help');
  return [...usage.matchAll(what)].map((match) => match[1] ?? '').filter((name) => name !== 'help');
}
const commands = (): Promise<string[]> => listed(/^ {2}([a-z-]+) /gm);
const options = (command: string): Promise<string[]> => listed(/^ {2}(?:-\w, )?(--[\w-]+)/gm, command);

async function script(shell: 'bash' | 'zsh' | 'fish'): Promise<string> {
  const file = join(folder, shell);
  writeFileSync(file, await told(join(repository, 'failover'), 'completion', shell));
  return file;
}

test('completion() bash offers every command, the options of a command, and the ids of the providers', async () => {
  const file = await script('bash');
  const reply = async (...words: readonly string[]): Promise<string[]> => {
    const line = `source ${file}; compopt() { :; }; COMP_WORDS=(failover "$@"); COMP_CWORD=$#; _failover; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await told('bash', '-c', line, 'bash', ...words)).trim().split('\n');
  };
  assert.deepEqual(await reply(''), [...(await commands()), '--help', '--version']);
  assert.deepEqual((await reply('install', '--')).sort(), (await options('install')).sort());
  assert.deepEqual(await reply('pin', ''), ids);
  assert.deepEqual(await reply('check', 'conf'), ['config.ts']);
  assert.deepEqual(await reply('run', '--config', 'conf'), ['config.ts']);
});

test('completion() fish offers the same', async () => {
  const file = await script('fish');
  const reply = async (line: string): Promise<string[]> =>
    (await told('fish', '-c', `source ${file}; complete -C '${line}'`))
      .trim()
      .split('\n')
      .map((each) => each.split('\t')[0] ?? '');
  assert.deepEqual((await reply('failover ')).sort(), (await commands()).sort());
  assert.deepEqual((await reply('failover install --')).sort(), (await options('install')).sort());
  assert.deepEqual(await reply('failover pin '), ids);
  assert.ok((await reply('failover check conf')).includes('config.ts'));
});

test('completion() zsh offers the same', async () => {
  const file = await script('zsh');
  await told('zsh', '-n', file);
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^#compdef failover$/m);
  for (const name of await commands()) assert.match(text, new RegExp(`^    '${name}:`, 'm'));
  const install = /^ {4}install\) .*$/m.exec(text)?.[0] ?? '';
  for (const option of await options('install')) assert.ok(install.includes(`'${option}[`), option);
  // What it offers in a line, without a terminal: the words that would be added.
  const line = `compadd() { shift; print -l -- \${(P)1}; }; PATH=${repository}:$PATH; source <(sed '$d' ${file}); _failover_ids`;
  assert.equal((await told('zsh', '-f', '-c', line)).trim(), ids.join('\n'));
});

test('the man page has every command and option, and man finds nothing to complain about', async () => {
  const root = join(folder, 'root');
  await told(
    join(repository, 'failover'),
    'install',
    '--prefix',
    root,
    '--config',
    join(folder, 'config.ts'),
  );
  const page = join(root, wordPaths.man);
  await told('mandoc', '-T', 'lint', '-W', 'warning', page);
  const text = await told('mandoc', '-T', 'utf8', page);
  const plain = text.replaceAll(overstrike, '');
  for (const name of await commands()) assert.ok(plain.includes(`failover ${name}`), name);
  for (const name of ['run', 'install', 'history']) {
    const start = plain.indexOf(`failover ${name}`);
    for (const option of (await options(name)).filter((each) => each !== '--help'))
      assert.ok(plain.indexOf(option, start) > start, `${name} ${option}`);
  }
});
