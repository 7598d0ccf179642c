/** Steps that put files, links and the program itself into place. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compile, isCompiled } from '../process/compile.mjs';
import { isForDevelopment } from './packages.ts';
import { sameTree } from './same-tree.ts';
import { closeToOthers, copy, type LeaveOut, makeFolder, move, remove } from './shell.ts';
import type { Step } from './step.ts';

/**
 * Writes a file, with the folders above it; undoing it restores the earlier content, or removes the file.
 * `isShown` (@default true): a dry run prints the content.
 */
export function writeStep(path: string, content: string, isShown = true): Step {
  const earlier = readIfThere(path);
  let firstNew: string | undefined; // the topmost folder that had to be created
  return {
    what: `write ${path}`,
    ...(isShown ? { shows: content } : {}),
    isDone: () => readIfThere(path) === content,
    act: () => {
      firstNew = mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      writeFileSync(path, content, { mode: 0o644 });
      closeToOthers(path);
    },
    undo: () => {
      if (earlier !== undefined) writeFileSync(path, earlier);
      else remove(firstNew ?? path);
    },
  };
}

/** Creates a symbolic link. @throws {Error} in `act`, when something else has that name */
export function linkStep(path: string, target: string): Step {
  let made = false;
  return {
    what: `link ${path} to ${target}`,
    isDone: () => linkTarget(path) === target,
    act: () => {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
        throw new Error(`something else is already there; move it away first`);
      makeFolder(dirname(path));
      symlinkSync(target, path);
      made = true;
    },
    undo: () => {
      if (made) rmSync(path);
    },
  };
}

/** Where a link points; undefined when there is none of that name. */
export function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

/**
 * Copies parts of the program from `source` to `to`: all are copied next to the old ones first, then each
 * replaces its predecessor. `parts` are relative, and may be nested (`node_modules/zod`); whole top folders
 * are swapped. What of npm packages only development needs stays behind.
 */
export function programStep(source: string, to: string, parts: readonly string[]): Step {
  const tops = [...new Set(parts.map((part) => part.split('/')[0] ?? part))];
  const [fresh, old] = [join(to, '.new'), join(to, '.old')];
  const isNew = !existsSync(to);
  let exchanging = false;
  return {
    what: `copy the program to ${to}`,
    restarts: true,
    isDone: () =>
      !existsSync(old) &&
      parts.every((part) => sameTree(join(source, part), join(to, part), leftOutOf(part))),
    act: () => {
      for (const folder of [fresh, old]) remove(folder);
      for (const part of parts) {
        makeFolder(dirname(join(fresh, part)));
        copy(join(source, part), join(fresh, part), leftOutOf(part));
      }
      closeToOthers(fresh);
      takeOver(to);
      exchanging = true;
      for (const top of tops) {
        setAside(join(to, top), old);
        move(join(fresh, top), join(to, top));
      }
      remove(fresh);
    },
    undo: () => {
      if (exchanging) putBack(tops, old, to);
      for (const folder of [fresh, old]) remove(folder);
      if (isNew) remove(to);
    },
  };
}

function leftOutOf(part: string): LeaveOut {
  return (path) => isForDevelopment(join(part, path));
}

function setAside(path: string, folder: string): void {
  if (!existsSync(path)) return;
  makeFolder(folder);
  move(path, join(folder, basename(path)));
}

/**
 * The folder itself belongs to root, readable by all: anyone who could write there could run programs as
 * root.
 */
function takeOver(folder: string): void {
  chmodSync(folder, 0o755);
  if (process.geteuid?.() === 0) chownSync(folder, 0, 0);
}

/** Puts the old parts back and removes the new ones. */
function putBack(tops: readonly string[], old: string, to: string): void {
  for (const top of tops) {
    if (!existsSync(join(old, top)) && existsSync(join(to, '.new', top))) continue; // not swapped yet
    remove(join(to, top));
    if (existsSync(join(old, top))) move(join(old, top), join(to, top));
  }
}

/**
 * Compiles the program in place: the service starts the result. Restoring the old folder restores its result,
 * too.
 */
export function compileStep(to: string): Step {
  return {
    what: `compile the program in ${to}`,
    restarts: true,
    isDone: () => isCompiled(to),
    act: () => compile(to),
    undo: () => undefined,
  };
}

/** Ends the swap: from here on the old program cannot be restored. */
export function forgetOldStep(to: string): Step {
  const old = join(to, '.old');
  return {
    what: 'delete the earlier version',
    isDone: () => !existsSync(old),
    act: () => remove(old),
    undo: () => undefined, // the last step of all: nothing after it can fail
  };
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
