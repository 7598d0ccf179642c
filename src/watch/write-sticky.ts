import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, remedy, replaceFile } from './replace-file.ts';

/**
 * Replaces the content of a sticky file atomically: a temporary file next to it takes its place, mode and
 * owner. A symbolic link stays one. @throws {Error} whose message says what prevents it and what to do
 */
export async function writeSticky(file: string, content: string): Promise<void> {
  const target = await realpath(file).catch(() => file); // does not exist yet, or `stat` will report it
  try {
    const present = await stat(target).catch(ifAbsent);
    if (present !== undefined && !present.isFile())
      throw new Error('it is not a regular file; remove what is there');
    await replaceFile(target, content, present);
  } catch (error) {
    throw new Error(`${file} cannot be written: ${advice(error, dirname(target))}`, { cause: error });
  }
}

function ifAbsent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}

function advice(error: unknown, folder: string): string {
  const elsewhere = codeOf(error) === 'EROFS' ? '; set stickyProviderFilename to a file elsewhere' : '';
  return `${remedy(error, folder)}${elsewhere}`;
}
