import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../models/message-of.ts';
import { tryLock } from '../kernel/libc.ts';
import { makeFolder } from './make-folder.ts';

/** The lock is held by another daemon, or its folder cannot be used. The message says which, and what to do. */
export class LockError extends Error {}

/**
 * Makes this process the only daemon of a runtime folder until it ends, in whatever way. Where the libc lock is not
 * available, the process id in the file decides.
 * @throws {LockError}
 */
export function lock(folder: string): { release(): void } {
  const file = join(folder, 'lock');
  const fd = open(folder, file);
  const other = readFileSync(file, 'utf8').trim();
  if (!isFree(fd, other)) {
    closeSync(fd);
    throw new LockError(
      `another failover daemon is running${other === '' ? '' : ` (process ${other})`}: stop it first, or use "failover status" to see what it does`,
    );
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`, 0);
  return { release: () => closeSync(fd) };
}

function open(folder: string, file: string): number {
  try {
    makeFolder(folder);
    return openSync(file, constants.O_RDWR | constants.O_CREAT, 0o644);
  } catch (error) {
    const reason = messageOf(error);
    throw new LockError(
      `${folder} cannot be used: ${reason}; run as root, or set FAILOVER_RUNTIME_DIRECTORY to a folder that is yours`,
      { cause: error },
    );
  }
}

function isFree(fd: number, other: string): boolean {
  try {
    return tryLock(fd);
  } catch {
    // No libc binding on this machine (EKOFFI): the next best test is whether that process still exists.
    return other === '' || !isFailover(other);
  }
}

function isFailover(pid: string): boolean {
  try {
    return readFileSync(`/proc/${Number(pid)}/cmdline`, 'utf8').includes('failover');
  } catch {
    return false; // no such process
  }
}
