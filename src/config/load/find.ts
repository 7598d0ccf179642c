import { statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { programFolder } from '../../process/program.ts';

/** Names a configuration may have, the first one found is taken. */
export const configNames = [
  'config.ts',
  'config.js',
  'config.mjs',
  'config.json',
  'config.yaml',
  'config.yml',
  'config.toml',
] as const;

/** Endings of configurations that are programs. */
export const programs = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/** Whether a configuration is a program, by its name; else it is a document. */
export function isProgram(file: string): boolean {
  return programs.includes(extname(file));
}

/** What to say where there is no configuration. */
export const nothingFound = `no configuration found: expected ${configNames.join(', ')} beside the program (${programFolder}); name one, as in 'failover check FILE'`;

/**
 * The first configuration file in the folders, absolute; by default beside the program, then in `config/` there, which a
 * container mounts. Never in the working folder: a file somebody left there would decide what root runs.
 */
export function findConfig(
  folders: readonly string[] = [programFolder, join(programFolder, 'config')],
): string | undefined {
  const places = folders.flatMap((folder) => configNames.map((name) => join(resolve(folder), name)));
  return places.find(exists);
}

/** Also true for what cannot be read: that is reported, not passed over. */
function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // a folder that may not be searched, or is no folder, holds nothing for us
  }
}
