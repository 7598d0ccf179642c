import { closeSync, constants, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import type { Sticky } from '../../models/event.ts';
import { messageOf } from '../../models/message-of.ts';
import { parseSticky, type StickyReading, stickyLimit } from '../../models/sticky.ts';
import { FileWatcher } from './file-watcher.ts';

/** The sticky watcher's callbacks; called only when the file's content has changed. */
export interface StickySinks {
  sticky(sticky: Sticky | undefined): void;
  problem(message: string): void;
}

/** Watches `sticky.provider`, and empties it when a pin expires. */
export class StickyWatcher {
  readonly #file: string;
  readonly #sinks: StickySinks;
  readonly #watcher: FileWatcher;
  #said: string | undefined;
  #end: NodeJS.Timeout | undefined;

  constructor(file: string, sinks: StickySinks) {
    this.#file = file;
    this.#sinks = sinks;
    this.#watcher = new FileWatcher(file, () => this.read());
  }

  /** Reads the file and reports its content, if it is new or `again` is set. */
  read({ again = false } = {}): void {
    const reading = readSticky(this.#file);
    const said = JSON.stringify(reading);
    if (said === this.#said && !again) return;
    this.#said = said;
    clearTimeout(this.#end);
    if ('problem' in reading) {
      this.#sinks.problem(reading.problem);
      return;
    }
    const { sticky } = reading;
    const isOver = sticky?.until !== undefined && sticky.until <= Date.now();
    this.#sinks.sticky(isOver ? undefined : sticky);
    if (sticky?.until !== undefined) this.#expireAt(sticky.until);
  }

  close(): Promise<void> {
    clearTimeout(this.#end);
    return this.#watcher.close();
  }

  #expireAt(until: number): void {
    const longestMs = 60_000; // then it looks again: the clock may have been stepped, the machine have slept
    const waitMs = until - Date.now();
    const act = waitMs > longestMs ? () => this.#expireAt(until) : () => this.#expire();
    this.#end = setTimeout(act, Math.min(Math.max(waitMs, 0), longestMs));
  }

  /**
   * The core measures the end by a clock that stops while the machine sleeps: the wall clock has the last
   * word.
   */
  #expire(): void {
    try {
      // Something written since then, and not yet seen, must not be removed.
      if (JSON.stringify(readSticky(this.#file)) === this.#said) writeFileSync(this.#file, '');
      this.read();
    } catch (error) {
      this.#sinks.sticky(undefined); // the pin has expired, whatever the file still says
      if (isForbidden(error)) return; // a service often has no write access to it, on purpose
      this.#sinks.problem(`the pin has expired, but ${this.#file} could not be emptied: ${messageOf(error)}`);
    }
  }
}

/** Reads a sticky file once. Never waits: a FIFO or a file of megabytes is a problem, not a read. */
export function readSticky(file: string): StickyReading {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { problem: `${file} is not a regular file` };
    if (stat.size > stickyLimit)
      return { problem: `${file} has ${stat.size} bytes, a provider id has at most 32` };
    const bytes = Buffer.alloc(stickyLimit);
    const parsed = parseSticky(bytes.toString('utf8', 0, readSync(fd, bytes, 0, stickyLimit, 0)));
    return 'problem' in parsed ? { problem: `${file} ${parsed.problem}` } : { sticky: parsed.sticky };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return { sticky: undefined };
    }
    return { problem: `${file} cannot be read: ${messageOf(error)}` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function isForbidden(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))
  );
}
