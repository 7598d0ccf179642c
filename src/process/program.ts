/** Where this program is, and how to start another process of it: from its sources, or compiled. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledFolder } from './compile.mjs';

/** The folder this program is in: `package.json`, `models/`, `src/`, and the operator's configuration. */
export const programFolder: string = findProgram(import.meta.dirname);

/** The compiled files, one for each entry point: `src/lab/relay.ts` becomes `src/lab/relay.mjs`. */
const compiled = compiledFolder(programFolder);

/** Whether this process runs the compiled files, not the sources. */
export const isCompiled = import.meta.dirname.startsWith(compiled);

/**
 * The command that starts one of our entry points; append its arguments. Compiled if this process is, through tsx if
 * this process runs from the sources, as the tests do. `entry`: its path from the program's folder
 * (`src/lab/relay.ts`), or an absolute one.
 */
export function nodeCommand(entry: string): readonly string[] {
  const file = entryFile(entry);
  return isCompiled
    ? [process.execPath, file]
    : [process.execPath, '--import', import.meta.resolve('tsx'), file];
}

/** Node's flags for the daemon, decision 16; the launcher has the same. */
export const daemonFlags: readonly string[] = ['--max-semi-space-size=1'];

/** The compiled command line interface of the program in a folder. */
export function compiledProgram(program: string): string {
  return join(compiledFolder(program), 'src', 'cli.mjs');
}

/** The program's command as users run it: compiled, even if this process runs from the sources. See compile.mjs. */
export const programCommand: readonly string[] = [process.execPath, compiledProgram(programFolder)];

/** The daemon's command as the service runs it. */
export const daemonCommand: readonly string[] = [
  process.execPath,
  ...daemonFlags,
  compiledProgram(programFolder),
  'run',
];

/** The file of an entry point. */
export function entryFile(entry: string): string {
  return isCompiled ? join(compiled, entry.replace(/\.ts$/, '.mjs')) : resolve(programFolder, entry);
}

/** The file that starts a thread (`node:worker_threads`), as `nodeCommand` starts processes. */
export function threadFile(entry: string): string | URL {
  const file = entryFile(entry);
  if (isCompiled) return file;
  // On Node.js 20, tsx does not register itself in threads.
  const script = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))};
register();
await import(${JSON.stringify(pathToFileURL(file).href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

/** The nearest folder upwards with a package.json: sources and compiled files differ in depth. */
function findProgram(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder
    ? folder
    : findProgram(dirname(folder));
}
