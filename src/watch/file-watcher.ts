import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

const pollMs = 1000;

/** More events than this between two polls about other files in the folder: the folder is busy. */
const mostOthers = 20;

/** How many polls long the folder of a busy file is left alone. */
const busyPolls = 10;

/**
 * When to look after a hint, ms: a file rewritten in place is empty for an instant, which must not be acted
 * on; and chokidar drops hints that follow another within 5 ms.
 */
const lookAfterMs = [10, 60] as const;

/**
 * Calls `changed` whenever a file may have been created, rewritten, replaced or removed, even when its folder
 * is created later. It watches the folder, because a file that does not exist cannot be watched, and checks
 * the file's stamp once a second, for file systems and inotify limits that report nothing.
 *
 * chokidar reads the whole folder again on each event in it. While a neighbour is written all the time, as a
 * recording may be, only the file itself is watched, and its creation or replacement is noticed by the poll.
 */
export class FileWatcher {
  readonly #file: string;
  readonly #changed: () => void;
  readonly #poll: NodeJS.Timeout;
  readonly #looks = new Set<NodeJS.Timeout>();
  #watcher: FSWatcher | undefined;
  #watched = ''; // what is watched and its inode: another may have taken its place
  #others = 0; // events about other files since the last poll
  #pollsLeft = 0; // until the folder is watched again; 0: it is
  #stamp: string;

  constructor(file: string, changed: () => void) {
    this.#file = file;
    this.#changed = changed;
    this.#stamp = stampOf(file);
    this.#watchFolder();
    this.#poll = setInterval(() => this.#lookUnasked(), pollMs);
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    for (const timer of this.#looks) clearTimeout(timer);
    await this.#watcher?.close();
  }

  #hint(): void {
    // many at once: the pending looks, or the poll, will see the result
    if (this.#looks.size > lookAfterMs.length) return;
    for (const ms of lookAfterMs) {
      const timer = setTimeout(() => {
        this.#looks.delete(timer);
        this.#look();
      }, ms);
      this.#looks.add(timer);
    }
  }

  /** A change without a hint: chokidar has lost track, as when folder and file swap places. */
  #lookUnasked(): void {
    this.#others = 0;
    if (this.#pollsLeft > 0) this.#pollsLeft -= 1;
    if (this.#looks.size === 0 && stampOf(this.#file) !== this.#stamp) this.#watched = ''; // watch again
    this.#look();
  }

  #look(): void {
    this.#watchFolder();
    const stamp = stampOf(this.#file);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#changed();
  }

  /** Watches the file's folder, or the nearest one above that exists; the file alone while that is busy. */
  #watchFolder(): void {
    const folder = nearestFolder(this.#file);
    const place = this.#pollsLeft > 0 ? this.#file : folder;
    const found = `${place} ${inodeOf(place)}`;
    if (found === this.#watched) return;
    this.#watched = found;
    void this.#watcher?.close();
    const path = (entry: string): boolean =>
      entry !== folder && entry !== this.#file && !this.#file.startsWith(`${entry}/`);
    this.#watcher = watch(place, {
      depth: 0,
      ignoreInitial: true,
      atomic: false,
      ignored: path,
      ignorePermissionErrors: true,
    });
    this.#watcher.on('ready', () => this.#hint()); // for changes before it was watching
    this.#watcher.on('all', () => this.#hint());
    this.#watcher.on('raw', (_, name: string | null) => this.#countOther(join(folder, name ?? ''), path));
    this.#watcher.on('error', () => this.#hint()); // the poll continues
  }

  #countOther(entry: string, isOther: (entry: string) => boolean): void {
    if (this.#pollsLeft > 0 || !isOther(entry)) return;
    this.#others += 1;
    if (this.#others <= mostOthers) return;
    this.#pollsLeft = busyPolls;
    this.#watchFolder();
  }
}

function nearestFolder(file: string): string {
  let folder = dirname(file);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** Undefined when the folder has vanished. */
function inodeOf(folder: string): bigint | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false, bigint: true })?.ino;
  } catch {
    return undefined; // a folder above it may not be searched: there is nothing to watch
  }
}

/** Changes whenever the file is written, replaced or removed; empty when it does not exist. */
function stampOf(file: string): string {
  try {
    const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? '' : `${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.size}`;
  } catch (error) {
    // a link to itself, a folder that may not be searched: reading the file will report it
    return String(error);
  }
}
