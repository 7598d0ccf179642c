import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

const pollMs = 1000;

/**
 * When to look after a hint, ms: a file rewritten in place is empty for an instant, which must not be acted
 * on; and chokidar drops hints that follow another within 5 ms.
 */
const lookAfterMs = [10, 60] as const;

/**
 * Calls `changed` whenever a file may have been created, rewritten, replaced or removed, even when its folder
 * is created later. It watches the folder, because a file that does not exist cannot be watched, and checks
 * the file's stamp once a second, for file systems and inotify limits that report nothing.
 */
export class FileWatcher {
  readonly #file: string;
  readonly #changed: () => void;
  readonly #poll: NodeJS.Timeout;
  readonly #looks = new Set<NodeJS.Timeout>();
  #watcher: FSWatcher | undefined;
  #watched = ''; // the folder and its inode: another may have taken its place
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

  /** Watches the file's folder, or the nearest one above that exists. */
  #watchFolder(): void {
    const folder = nearestFolder(this.#file);
    const found = `${folder} ${inodeOf(folder)}`;
    if (found === this.#watched) return;
    this.#watched = found;
    void this.#watcher?.close();
    const path = (entry: string): boolean =>
      entry !== folder && entry !== this.#file && !this.#file.startsWith(`${entry}/`);
    this.#watcher = watch(folder, {
      depth: 0,
      ignoreInitial: true,
      atomic: false,
      ignored: path,
      ignorePermissionErrors: true,
    });
    this.#watcher.on('ready', () => this.#hint()); // for changes before it was watching
    this.#watcher.on('all', () => this.#hint());
    this.#watcher.on('error', () => this.#hint()); // the poll continues
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
