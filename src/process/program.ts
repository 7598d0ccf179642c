/** Where this program is, and how another process of it is started: from its sources, or compiled. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledFolder } from './compile.mjs';

/** The folder this program is in: `package.json`, `models/`, `src/`, and the operator's configuration. */
export const programFolder: string = findProgram(import.meta.dirname);

/** The folder of what was compiled, one file for each entry point: `src/lab/relay.ts` is `src/lab/relay.mjs` there. */
const compiled = compiledFolder(programFolder);

/** Whether this process runs what was compiled, not the sources. */
export const isCompiled = import.meta.dirname.startsWith(compiled);

/**
 * The command that starts one of our own entry points, to which its arguments are appended: compiled where this
 * process is, by tsx where this process runs from the sources, as the tests do. `entry`: its path from the program's
 * folder (`src/lab/relay.ts`), or an absolute one.
 */
export function nodeCommand(entry: string): readonly string[] {
  const file = entryFile(entry);
  return isCompiled
    ? [process.execPath, file]
    : [process.execPath, '--import', import.meta.resolve('tsx'), file];
}

/** What Node is to be started with for the daemon, decision 16; the launcher says the same. */
export const daemonFlags: readonly string[] = ['--max-semi-space-size=1'];

/** The command line, compiled, of the program in a folder. */
export function compiledProgram(program: string): string {
  return join(compiledFolder(program), 'src', 'cli.mjs');
}

/** The command of the program as it is used, compiled, also where this process runs from the sources: see compile.mjs. */
export const programCommand: readonly string[] = [process.execPath, compiledProgram(programFolder)];

/** The command of the daemon as the service starts it. */
export const daemonCommand: readonly string[] = [
  process.execPath,
  ...daemonFlags,
  compiledProgram(programFolder),
  'run',
];

/** The file that holds an entry point. */
export function entryFile(entry: string): string {
  return isCompiled ? join(compiled, entry.replace(/\.ts$/, '.mjs')) : resolve(programFolder, entry);
}

/** The file that a thread (`node:worker_threads`) is started with, as `nodeCommand` starts processes. */
export function threadFile(entry: string): string | URL {
  const file = entryFile(entry);
  if (isCompiled) return file;
  // tsx does not follow into threads by itself in Node.js 20.
  const script = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))};
register();
await import(${JSON.stringify(pathToFileURL(file).href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

/** The nearest folder upwards with a package.json: the depth differs between sources and what is compiled of them. */
function findProgram(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder
    ? folder
    : findProgram(dirname(folder));
}
