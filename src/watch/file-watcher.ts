import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

const pollMs = 1000;

/**
 * After a hint, ms: a file that is rewritten in place is empty for an instant, which is nothing to act on; and chokidar
 * drops hints that follow another within 5 ms.
 */
const lookAfterMs = [10, 60] as const;

/**
 * Calls `changed` whenever a file may have been created, rewritten, replaced or removed, also when its folder
 * appears only later. It watches the folder, since a file that is not there yet cannot be watched, and looks at the
 * file's stamp once a second, for file systems and limits (inotify) that report nothing.
 */
export class FileWatcher {
  readonly #file: string;
  readonly #changed: () => void;
  readonly #poll: NodeJS.Timeout;
  readonly #looks = new Set<NodeJS.Timeout>();
  #watcher: FSWatcher | undefined;
  #watched = ''; // the folder, and which one it is: another may have taken its place
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
    if (this.#looks.size > lookAfterMs.length) return; // a flood of them: those that wait will see it all, or the poll
    for (const ms of lookAfterMs) {
      const timer = setTimeout(() => {
        this.#looks.delete(timer);
        this.#look();
      }, ms);
      this.#looks.add(timer);
    }
  }

  /** A change without a hint: chokidar has lost its hold, as when folder and file take each other's place. */
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
    this.#watcher.on('ready', () => this.#hint()); // what happened before it watched
    this.#watcher.on('all', () => this.#hint());
    this.#watcher.on('error', () => this.#hint()); // the poll goes on
  }
}

function nearestFolder(file: string): string {
  let folder = dirname(file);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** Undefined when it went meanwhile. */
function inodeOf(folder: string): bigint | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false, bigint: true })?.ino;
  } catch {
    return undefined; // above it is a folder that may not be searched: there is nothing to watch
  }
}

/** Changes whenever the file is written, replaced or removed; empty when it is not there. */
function stampOf(file: string): string {
  try {
    const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? '' : `${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.size}`;
  } catch (error) {
    return String(error); // a link to itself, a folder that may not be searched: reading the file will report it
  }
}
