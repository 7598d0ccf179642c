/** The secrets of this machine: a file each, in a folder that only root may read. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { secretNamePattern, secretsFolder } from '../../models/secret.ts';
import { remove } from './shell.ts';
import type { Step } from './step.ts';

const folderMode = 0o700;
const fileMode = 0o600;

/** Writes a secret to its file, atomically. @throws {NodeJS.ErrnoException} */
export function writeSecret(name: string, text: string, folder = secretsFolder): void {
  makeSecretsFolder(folder);
  const temporary = join(folder, `.${name}.${process.pid}`); // no name of a secret begins with a dot
  try {
    const file = openSync(temporary, 'wx', fileMode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, join(folder, name));
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The names of all secrets, sorted. @throws {NodeJS.ErrnoException} */
export function secretNames(folder = secretsFolder): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => secretNamePattern.test(name))
    .sort();
}

/** Removes a secret; false when there is none. @throws {NodeJS.ErrnoException} */
export function removeSecret(name: string, folder = secretsFolder): boolean {
  const file = join(folder, name);
  if (!existsSync(file)) return false;
  rmSync(file);
  return true;
}

/** Creates the folder for them, with the permissions it must have. */
export function secretsFolderStep(folder: string): Step {
  let made: string | undefined; // the topmost folder that had to be created
  return {
    what: `create the folder ${folder} for secrets`,
    isDone: () => isClosed(folder),
    act: () => {
      made = makeSecretsFolder(folder);
    },
    undo: () => {
      if (made !== undefined) remove(made);
    },
  };
}

function makeSecretsFolder(folder: string): string | undefined {
  const above = join(folder, '..');
  const made = mkdirSync(above, { recursive: true, mode: 0o755 });
  const own = mkdirSync(folder, { recursive: true, mode: folderMode });
  chmodSync(folder, folderMode); // whatever it had before
  return made ?? own;
}

function isClosed(folder: string): boolean {
  return existsSync(folder) && (statSync(folder).mode & 0o7777) === folderMode;
}
