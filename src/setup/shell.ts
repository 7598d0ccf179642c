/** The file operations of setup; each call blocks, and throws on failure. The one importer of shelljs. */
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import shell from 'shelljs';
import { messageOf } from '../../models/message-of.ts';

/** What of a tree to leave out, by its path from the top of that tree (`lib/index.d.ts`). */
export type LeaveOut = (path: string) => boolean;

/**
 * Copies a file or a whole folder to a new name; symbolic links stay links. Not by shelljs, which reports a
 * full disk as a missing folder.
 * @throws {Error}
 */
export function copy(from: string, to: string, leaveOut: LeaveOut = () => false): void {
  try {
    copyTree(from, to, (path) => leaveOut(relative(from, path)));
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`copying ${from} to ${to} failed: ${reason}`, { cause: error });
  }
}

function copyTree(from: string, to: string, leaveOut: LeaveOut): void {
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (!stat.isDirectory()) copyFileSync(from, to);
  else {
    mkdirSync(to);
    for (const name of readdirSync(from))
      if (!leaveOut(join(from, name))) copyTree(join(from, name), join(to, name), leaveOut);
  }
}

/** Removes a file, a link or a whole folder; a missing one is not an error. @throws {Error} */
export function remove(path: string): void {
  must(`removing ${path}`, () => shell.rm('-rf', path));
}

/** Creates a folder, and those above it. @throws {Error} */
export function makeFolder(path: string): void {
  must(`creating the folder ${path}`, () => shell.mkdir('-p', path));
}

/** Renames; replaces what has the new name. @throws {Error} */
export function move(from: string, to: string): void {
  must(`moving ${from} to ${to}`, () => shell.mv('-f', from, to));
}

/**
 * Makes everything under a path readable by all and writable by its owner only. shelljs has no `X`.
 * @throws {Error}
 */
export function closeToOthers(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  const isProgram = stat.isDirectory() || (stat.mode & 0o100) !== 0;
  chmodSync(path, isProgram ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) closeToOthers(join(path, name));
}

function must(what: string, act: () => { readonly code: number; readonly stderr: string }): void {
  shell.config.silent = true; // its errors are in `stderr`, and reported once
  const { code, stderr } = act();
  if (code !== 0) throw new Error(`${what} failed: ${stderr.trim()}`);
}
