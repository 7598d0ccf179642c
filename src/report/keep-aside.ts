import { lstat, rename, rm } from 'node:fs/promises';

/** Restarts may follow each other: what led to the first must not be lost by the second. */
const mostKept = 10;

/** The latest is kept whatever its size. */
const mostKeptBytes = 500e6;

/**
 * Keeps a file as `FILE.old`, and those kept before as `FILE.old.2`, `FILE.old.3` and so on: at most 10, and at most
 * 500 MB together. @throws {Error} when they cannot be renamed or removed
 */
export async function keepAside(file: string, mostBytes = mostKeptBytes): Promise<void> {
  const names = Array.from({ length: mostKept }, (_, i) =>
    i === 0 ? `${file}.old` : `${file}.old.${i + 1}`,
  );
  const from = [file, ...names.slice(0, -1)];
  const free = await firstFree(names); // those after a gap stay where they are
  for (let i = Math.min(free, mostKept - 1); i >= 0; i -= 1) await rename(from[i] ?? '', names[i] ?? '');
  let bytes = 0;
  for (const [i, name] of names.entries()) {
    bytes += await sizeOf(name);
    if (i > 0 && bytes > mostBytes) await rm(name, { force: true });
  }
}

async function firstFree(names: readonly string[]): Promise<number> {
  for (const [i, name] of names.entries())
    if ((await lstat(name).catch(() => undefined)) === undefined) return i;
  return names.length;
}

async function sizeOf(name: string): Promise<number> {
  const found = await lstat(name).catch(() => undefined); // missing
  return found?.size ?? 0;
}
