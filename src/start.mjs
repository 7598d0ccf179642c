// @ts-check
/** Starts the command line, compiled from the present sources: `./failover` runs this. Plain JavaScript. */
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledFolder, compileIfChanged } from './process/compile.mjs';
import { damage } from './process/damage.mjs';

const program = dirname(import.meta.dirname);

try {
  await start();
} catch (error) {
  const sentence = damage(program);
  if (sentence === undefined) throw error;
  process.stderr.write(`failover: ${sentence}\n`);
  process.exitCode = 1;
}

async function start() {
  if (await compileOrSay()) {
    await import(pathToFileURL(join(compiledFolder(program), 'src', 'cli.mjs')).href);
  } else {
    process.env['TSX_TSCONFIG_PATH'] = join(program, 'tsconfig.json'); // not one of the working folder
    await import(import.meta.resolve('tsx'));
    await import(pathToFileURL(join(program, 'src', 'cli.ts')).href);
  }
}

/** Whether a compiled program can be run. A plain user may run root's program, but not change it. */
async function compileOrSay() {
  try {
    await compileIfChanged(program);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    process.stderr.write(
      `failover: it is not compiled yet and ${compiledFolder(program)} cannot be written: it starts slowly until a user who can write there has run it\n`,
    );
    return false;
  }
}
