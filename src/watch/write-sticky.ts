import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Puts a new content into a sticky file, whole at once: a temporary file beside it takes its place, mode and owner.
 * A symbolic link stays one. @throws {Error} whose message says what is in the way and what to do
 */
export async function writeSticky(file: string, content: string): Promise<void> {
  const target = await realpath(file).catch(() => file); // does not exist yet, or `stat` will tell
  try {
    const present = await stat(target).catch(ifAbsent);
    if (present !== undefined && !present.isFile())
      throw new Error('it is no regular file; remove what is there');
    await replace(target, content, present);
  } catch (error) {
    throw new Error(`${file} cannot be written: ${remedy(error, dirname(target))}`, { cause: error });
  }
}

/** What a file's successor inherits. */
interface Inherited {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

async function replace(target: string, content: string, present: Inherited | undefined): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(content);
      if (present !== undefined) {
        if (present.uid !== process.geteuid?.() || present.gid !== process.getegid?.())
          await handle.chown(present.uid, present.gid);
        await handle.chmod(present.mode & 0o7777); // after chown, which may clear bits
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one that matters
    throw error;
  }
}

function ifAbsent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}

function remedy(error: unknown, folder: string): string {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return `you may not write in ${folder}; run the command with sudo`;
    case 'EROFS':
      return `${folder} is read-only; set stickyProviderFilename to a file elsewhere`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `the folder ${folder} does not exist; create it`;
    case 'ENOSPC':
      return 'the disk is full; make room';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
