import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../models/message-of.ts';

/** What a file's replacement inherits. */
export interface Inherited {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Replaces a file's content atomically: a temporary file next to it takes its place, with the mode and owner
 * of the `present` one, or 0644 whatever the umask: the service is another user. A file that is itself a
 * mount (as in a container) cannot be replaced, and is rewritten in place. `target` must not be a symbolic
 * link. @throws {NodeJS.ErrnoException}
 */
export async function replaceFile(
  target: string,
  content: string,
  present: Inherited | undefined,
): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(content);
      if (
        present !== undefined &&
        (present.uid !== process.geteuid?.() || present.gid !== process.getegid?.())
      )
        await handle.chown(present.uid, present.gid);
      await handle.chmod((present?.mode ?? 0o644) & 0o7777); // after chown, which may clear bits
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target).catch((error: unknown) => rewriteIfMounted(error, target, content));
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one that matters
  }
}

async function rewriteIfMounted(error: unknown, target: string, content: string): Promise<void> {
  if (codeOf(error) !== 'EBUSY') throw error;
  await writeFile(target, content);
}

/** Why a file of this folder cannot be written, and what to do. */
export function remedy(error: unknown, folder: string): string {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return `you may not write in ${folder}; run the command with sudo`;
    case 'EROFS':
      return `${folder} is read-only`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `the folder ${folder} does not exist; create it`;
    case 'ENOSPC':
      return 'the disk is full; free some space';
    default:
      return messageOf(error);
  }
}

/** The system's name for what went wrong, `ENOENT`; undefined when it is not a system error. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
