import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** Whether two files, links or folders are equal in names, content and executability, all the way down. */
export function sameTree(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  if (one === undefined || other === undefined || kind(one) !== kind(other)) return false;
  if (one.isSymbolicLink()) return readlinkSync(a) === readlinkSync(b);
  if (!one.isDirectory()) return one.size === other.size && readFileSync(a).equals(readFileSync(b));
  const names = readdirSync(a).sort();
  if (names.join('\0') !== readdirSync(b).sort().join('\0')) return false;
  return names.every((name) => sameTree(join(a, name), join(b, name)));
}

function kind(entry: Stats | Dirent): string {
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  return 'mode' in entry && (entry.mode & 0o100) !== 0 ? 'program' : 'file';
}
