/** Who may import whom (docs/architecture.md). Each rule says why it is there, and is proved to bite. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { test } from 'node:test';

/** Path of each source file from the root of the repository, and its text. */
type Sources = ReadonlyMap<string, string>;

interface Import {
  readonly from: string; // the importing file
  readonly to: string; // a file of the repository, `node:…`, or the name of a package
  readonly isType: boolean; // `import type`: nothing is loaded
}

interface Rule {
  readonly name: string;
  readonly why: string;
  readonly violations: (sources: Sources) => readonly string[];
  readonly bite: Readonly<Record<string, string>>; // files that break it
}

const root = new URL('..', import.meta.url).pathname;
const areas = ['config', 'reach', 'probes', 'watch', 'kernel', 'report', 'setup', 'lab', 'process', 'daemon'];
const shared = [
  'src/kernel/exec.ts',
  'src/kernel/libc.ts',
  'src/kernel/icmp-socket.ts',
  'src/process/program.ts',
  'src/process/compile.mjs',
  'src/process/damage.mjs',
];
const uses: Readonly<Record<string, string>> = { probes: 'reach' }; // checks go out as messages will

/** Reads the sources of `models` and `src`. */
function readSources(): Sources {
  const files = ['models', 'src'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  const sources = files.filter((file) => /\.(ts|mjs)$/.test(file));
  return new Map(sources.map((file) => [file, readFileSync(`${root}${file}`, 'utf8')]));
}

/** Comments become blanks; strings, which name modules, stay. */
function withoutComments(text: string): string {
  const parts = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(parts, (_, string: string | undefined) => string ?? ' ');
}

/** Every module that a file names: static, type-only, side-effect and dynamic imports, re-exports, require. */
function importsOf(from: string, text: string): Import[] {
  const statements =
    /(?:^|[;\n}])\s*(?:import|export)\s(?:[\w\s{},*$]*?\sfrom\s*)?['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]|\brequire\)?\([^)]*\)\(\s*['"]([^'"]+)['"]|createRequire\(import\.meta\.url\)\(\s*['"]([^'"]+)['"]/g;
  return [...withoutComments(text).matchAll(statements)].map((match) => {
    const name = match.slice(1).find((group) => group !== undefined) ?? '';
    return { from, to: resolve(from, name), isType: /^\W*(?:import|export)\s+type\b/.test(match[0]) };
  });
}

function resolve(from: string, name: string): string {
  if (name.startsWith('.')) return posix.join(posix.dirname(from), name);
  if (name.startsWith('node:') || builtinModules.includes(name)) return `node:${name.replace(/^node:/, '')}`;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function allImports(sources: Sources): Import[] {
  return [...sources].flatMap(([file, text]) => importsOf(file, text));
}

/** The first folder of `src` a file lies in; the file itself when it lies in none. */
function areaOf(file: string): string {
  return /^src\/([^/]+)\//.exec(file)?.[1] ?? file;
}

function isPackage(name: string): boolean {
  return !name.startsWith('node:') && !/^(\.\.\/|src\/|models\/|package\.json$)/.test(name);
}

/** A rule about single imports. */
function forbid(isWrong: (one: Import) => boolean): Rule['violations'] {
  return (sources) =>
    allImports(sources)
      .filter(isWrong)
      .map(({ from, to }) => `${from} imports ${to}`);
}

function only(folders: readonly string[], of: string): Rule['violations'] {
  return forbid(({ from, to }) => from.startsWith(of) && !folders.some((folder) => to.startsWith(folder)));
}

function twiceImported(sources: Sources): string[] {
  const importers = new Map<string, Set<string>>();
  for (const { from, to } of allImports(sources)) {
    if (isPackage(to)) importers.set(to, (importers.get(to) ?? new Set()).add(from));
  }
  return [...importers]
    .filter(([, files]) => files.size > 1)
    .map(([name, files]) => `${name} is imported by ${[...files].join(' and ')}`);
}

/** Packages that the daemon must not have in its memory: they read configurations and command lines. */
const notInDaemon = ['zod', 'cosmiconfig', 'smol-toml', 'commander', 'shelljs', 'esbuild', 'tsx'];

/** What is loaded with a file, not only when it is used. */
function loadedWith(start: string, sources: Sources): ReadonlySet<string> {
  const loaded = new Set<string>();
  const waiting = [start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    const text = withoutComments(sources.get(file) ?? '').replace(/\bimport\s*\(/g, 'later(');
    for (const { to, isType } of importsOf(file, text)) if (!isType) waiting.push(to);
  }
  return loaded;
}

function heavyInDaemon(sources: Sources): string[] {
  const loaded = loadedWith('src/commands/run.ts', sources);
  return notInDaemon.filter((name) => loaded.has(name)).map((name) => `src/commands/run.ts loads ${name}`);
}

function impure(sources: Sources): string[] {
  const words =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\b|\bperformance\b|\bset(?:Timeout|Interval|Immediate)\b|\bnode:|\bcrypto\b|\bfetch\(/;
  return [...sources].flatMap(([file, text]) => {
    const code = withoutComments(text).replace(/'[^'\n]*\s[^'\n]*'/g, "''"); // sentences may speak of a process
    const found = file.startsWith('src/core/') ? words.exec(code)?.[0] : undefined;
    return found === undefined ? [] : [`${file} mentions ${found}`];
  });
}

function cycles(sources: Sources): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of allImports(sources)) {
    if (sources.has(to)) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (file: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(file);
    if (seenAt >= 0) found.push([...trail.slice(seenAt), file].join(' → '));
    if (seenAt >= 0 || done.has(file)) return;
    for (const other of next.get(file) ?? []) walk(other, [...trail, file]);
    done.add(file);
  };
  for (const file of sources.keys()) walk(file, []);
  return found;
}

/** `state` → `health`: the first folder of core imports the second. */
function coreFolderCircles(sources: Sources): string[] {
  const folderOf = (file: string): string | undefined => /^src\/core\/([^/]+)\//.exec(file)?.[1];
  const next = new Map<string, Set<string>>();
  for (const { from, to } of allImports(sources)) {
    const [here, there] = [folderOf(from), folderOf(to)];
    if (here === undefined || there === undefined || here === there) continue;
    next.set(here, (next.get(here) ?? new Set()).add(there));
  }
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    [...(next.get(from) ?? [])].some(
      (there) => there === to || (!seen.has(there) && reaches(there, to, seen.add(there))),
    );
  const circles = [...next.keys()].filter((folder) => reaches(folder, folder));
  const needy = [...(next.get('state') ?? [])].map((folder) => `src/core/state imports src/core/${folder}`);
  return [...circles.map((folder) => `src/core/${folder} imports itself by way of others`), ...needy];
}

const rules: readonly Rule[] = [
  {
    name: 'models import only models',
    why: 'they are the vocabulary that everybody speaks, operators in config.ts included',
    violations: only(['models/'], 'models/'),
    bite: { 'models/a.ts': "import type { State } from '../src/core/state/state.ts';" },
  },
  {
    name: 'core imports only models and core',
    why: 'decisions are functions of what happened, so that the same core runs in daemon, replay and property tests',
    violations: only(['models/', 'src/core/'], 'src/core/'),
    bite: { 'src/core/a.ts': "import { readFileSync } from 'fs';" },
  },
  {
    name: 'no folder of core imports itself by way of others, and core/state imports none of them',
    why: 'each folder is one idea, built on those below it; what is known is below them all',
    violations: coreFolderCircles,
    bite: { 'src/core/state/a.ts': "import { elect } from '../election/election.ts';" },
  },
  {
    name: 'core has no clock, chance, process, file or socket',
    why: 'the same events must give the same states',
    violations: impure,
    bite: { 'src/core/a.ts': 'export const at = Date.now();' },
  },
  {
    name: `${areas.join(', ')} do not import each other, but for what is named in the test`,
    why: 'each can then be understood, tested and replaced alone; only daemon and commands put them together',
    violations: forbid(({ from, to }) => {
      const [here, there] = [areaOf(from), areaOf(to)];
      const isAllowed = here === 'daemon' || shared.includes(to) || uses[here] === there;
      return here !== there && areas.includes(here) && areas.includes(there) && !isAllowed;
    }),
    bite: { 'src/probes/a.ts': "export { b } from '../kernel/ip-session.ts';" },
  },
  {
    name: 'only cli imports commands, and only commands import src/daemon/',
    why: 'they see everything, so whatever imports them would see everything too',
    violations: forbid(({ from, to }) => {
      const isTop = from === 'src/cli.ts' || from.startsWith('src/cli/') || from.startsWith('src/commands/');
      const isDaemon = to.startsWith('src/daemon/') && !from.startsWith('src/daemon/');
      return !isTop && (to.startsWith('src/commands/') || isDaemon || to === 'src/cli.ts');
    }),
    bite: { 'src/lab/a.ts': "const { run } = await import('../commands/run.ts');" },
  },
  {
    name: 'only src/kernel/exec.ts starts processes',
    why: 'no shell strings, LC_ALL=C and a timeout for every program are ensured in one place',
    violations: forbid(
      ({ from, to, isType }) => to === 'node:child_process' && !isType && from !== 'src/kernel/exec.ts',
    ),
    bite: { 'src/lab/a.ts': "import { type ChildProcess, spawn } from 'node:child_process';" },
  },
  {
    name: 'only src/kernel/koffi.ts imports koffi',
    why: 'calls into libc can crash the process: they are few and together',
    violations: forbid(({ from, to }) => to === 'koffi' && from !== 'src/kernel/koffi.ts'),
    bite: {
      'src/probes/a.ts': "const k = createRequire(import.meta.url)('koffi');",
    },
  },
  {
    name: 'each npm library is imported by exactly one file',
    why: 'it can then be replaced in one place',
    violations: twiceImported,
    bite: {
      'src/config/a.ts': "import { z } from 'zod';",
      'src/report/b.ts': "import type { Z } from 'zod/v4';",
    },
  },
  {
    name: `the daemon does not load ${notInDaemon.join(', ')}`,
    why: 'what reads a configuration once a month would stay in its memory for ever; a process of its own reads it',
    violations: heavyInDaemon,
    bite: { 'src/config/read-config.ts': "import { parseConfig } from './parse.ts';" },
  },
  {
    name: 'no file of src imports itself by a detour', // types of models may speak of each other
    why: 'files in a cycle can only be understood, loaded and moved together',
    violations: cycles,
    bite: {
      'src/watch/a.ts': "import { b } from './b.ts';",
      'src/watch/b.ts': "import './c.ts';",
      'src/watch/c.ts': "import {\n  type A,\n} from './a.ts';",
    },
  },
];

const sources = readSources();

for (const { name, why, violations, bite } of rules) {
  test(`architecture: ${name}`, () => {
    assert.deepEqual(violations(sources), [], `${name}: ${why}`);
  });

  test(`architecture: the rule "${name}" bites`, () => {
    const found = violations(new Map([...sources, ...Object.entries(bite)]));
    assert.ok(found.length > violations(sources).length);
  });
}

test('architecture: the scanner sees every import there is, and none in comments or strings', () => {
  const text = `
    import a from './a.ts'; import { b, type C } from "./b.ts"
    import type { D } from './d.ts';
    import * as e from './e.ts';
    import './f.ts';
    export { g } from './g.ts'; export * from './h.ts';
    const i = await import('./i.ts'); let j: import('./j.ts').J;
    // import './no.ts';
    /* import './no.ts'; */
    const text = "import './no.ts'";`;
  const seen = importsOf('src/x.ts', text).map(({ to }) => to.slice(4, 5));
  assert.deepEqual(seen.sort(), ['a', 'b', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
  assert.ok(sources.size > 40 && allImports(sources).length > 100);
});
