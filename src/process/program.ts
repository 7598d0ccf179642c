/** Where this program is, and how another process of it is started: from its sources, or compiled. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The folder this program is in: `package.json`, `models/`, `src/`, and the operator's configuration. */
export const programFolder: string = findProgram(import.meta.dirname);

/** The folder of what was compiled (see compile.mjs), one file for each entry point: `src/lab/relay.ts` is `src/lab/relay.mjs` there. */
const compiledFolder = join(programFolder, 'node_modules', '.failover');

/** Whether this process runs what was compiled, not the sources. */
export const isCompiled = !import.meta.filename.endsWith('.ts');

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

/** The command of the program as it is used, compiled, also where this process runs from the sources: see compile.mjs. */
export const programCommand: readonly string[] = [process.execPath, join(compiledFolder, 'src', 'cli.mjs')];

/** The file that holds an entry point. */
export function entryFile(entry: string): string {
  return isCompiled ? join(compiledFolder, entry.replace(/\.ts$/, '.mjs')) : resolve(programFolder, entry);
}

/** The nearest folder upwards with a package.json: the depth differs between sources and what is compiled of them. */
function findProgram(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder
    ? folder
    : findProgram(dirname(folder));
}
