import { statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { programFolder } from '../../process/program.ts';

/** The names a configuration may have; the first one found is used. */
export const configNames = [
  'config.ts',
  'config.js',
  'config.mjs',
  'config.json',
  'config.yaml',
  'config.yml',
  'config.toml',
] as const;

/** File extensions of configurations that are programs. */
export const programs = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/** Whether a configuration is a program, by its name; otherwise it is a document. */
export function isProgram(file: string): boolean {
  return programs.includes(extname(file));
}

/** The message when there is no configuration. */
export const nothingFound = `no configuration found: expected ${configNames.join(', ')} in the program's folder (${programFolder}) or its config/; name one, as in 'failover check FILE'`;

/**
 * The first configuration file in the folders, absolute; by default the program's folder, then `config/` in it, which
 * a container mounts. Never the working folder: a file left there by anyone would decide what root runs.
 */
export function findConfig(
  folders: readonly string[] = [programFolder, join(programFolder, 'config')],
): string | undefined {
  const places = folders.flatMap((folder) => configNames.map((name) => join(resolve(folder), name)));
  return places.find(exists);
}

/** Also true for a file that cannot be read: that is reported, not skipped. */
function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // not a folder, or one we may not search: nothing for us
  }
}
