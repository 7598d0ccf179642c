import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join, relative } from 'node:path';
import type { LeaveOut } from './shell.ts';

/**
 * Whether `b` is what a copy of `a` would be, with names, content and executability, all the way down. `leaveOut`: what
 * the copy is without.
 */
export function sameTree(a: string, b: string, leaveOut: LeaveOut = () => false): boolean {
  return same(a, b, (path) => leaveOut(relative(a, path)));
}

function same(a: string, b: string, leaveOut: LeaveOut): boolean {
  const [one, other] = [a, b].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  if (one === undefined || other === undefined || kind(one) !== kind(other)) return false;
  if (one.isSymbolicLink()) return readlinkSync(a) === readlinkSync(b);
  if (!one.isDirectory()) return one.size === other.size && readFileSync(a).equals(readFileSync(b));
  const names = readdirSync(a)
    .filter((name) => !leaveOut(join(a, name)))
    .sort();
  if (names.join('\0') !== readdirSync(b).sort().join('\0')) return false;
  return names.every((name) => same(join(a, name), join(b, name), leaveOut));
}

function kind(entry: Stats | Dirent): string {
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  return 'mode' in entry && (entry.mode & 0o100) !== 0 ? 'program' : 'file';
}
