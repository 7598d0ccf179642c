/**
 * What outlives the daemon: windows, verdicts, the last choice, decisions, and the settings we changed. The
 * only importer of lowdb.
 */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Low } from 'lowdb';
import { DataFile } from 'lowdb/node';
import type { Instant } from '../../models/instant.ts';
import { messageOf } from '../../models/message-of.ts';
import { modernise } from '../core/state/decision-ids.ts';
import { lastingPaths } from '../core/state/memory.ts';
import { makeFolder } from '../process/make-folder.ts';
import { isStored, type Stored, storeFormat } from './stored.ts';

const trustedMs = 10 * 60_000; // older figures say nothing about the present

/** A store that never throws: a file that cannot be read is set aside, a failed write is only reported. */
export class Store {
  readonly #low: Low<Stored> | undefined;
  readonly #warn: (sentence: string) => void;
  #failing = false;
  #writing: Promise<void> | undefined;
  #next: Stored | undefined;

  private constructor(low: Low<Stored> | undefined, warn: (sentence: string) => void) {
    this.#low = low;
    this.#warn = warn;
  }

  /** Opens the store in a folder, creating the folder if needed, and reads what an earlier run left there. */
  static async open(
    folder: string,
    now: Instant,
    warn: (sentence: string) => void,
  ): Promise<[Store, Stored]> {
    const file = join(folder, 'state.json');
    try {
      makeFolder(folder);
      const low = new Low<Stored>(compactFile(file), empty());
      const stored = await read(low, file, warn);
      return [new Store(low, warn), trusted(stored, now)];
    } catch (error) {
      warn(`${folder} cannot be used, nothing will be remembered: ${messageOf(error)}`);
      return [new Store(undefined, warn), empty()];
    }
  }

  /** Writes as soon as the previous write has ended; of several waiting states only the last. */
  save(content: Omit<Stored, 'format' | 'bootId'>): void {
    if (this.#low === undefined) return;
    this.#next = { format: storeFormat, bootId: bootId(), ...content };
    this.#writing ??= this.#write(this.#low);
  }

  /** Whether the last state could not be written. */
  get isFailing(): boolean {
    return this.#failing;
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(low: Low<Stored>): Promise<void> {
    while (this.#next !== undefined) {
      low.data = this.#next;
      this.#next = undefined;
      try {
        await low.write();
        if (this.#failing) this.#warn('the state can be stored again');
        this.#failing = false;
      } catch (error) {
        if (!this.#failing)
          this.#warn(`the state cannot be stored, a restart would start afresh: ${messageOf(error)}`);
        this.#failing = true;
      }
    }
    this.#writing = undefined;
  }
}

/** JSON without the white space of lowdb's own adapter: it is written every few seconds, often to flash. */
function compactFile(file: string): DataFile<Stored> {
  // The content is validated by `isStored` before it is used.
  return new DataFile<Stored>(file, {
    parse: (text) => JSON.parse(text) as Stored,
    stringify: (data) => JSON.stringify(data),
  });
}

async function read(low: Low<Stored>, file: string, warn: (sentence: string) => void): Promise<Stored> {
  try {
    await low.read();
    if (!isStored(low.data)) throw new Error('its content is not of this version');
    return low.data;
  } catch (error) {
    const aside = `${file}.set-aside`;
    renameSync(file, aside);
    warn(`${file} cannot be used and was set aside as ${aside}: ${messageOf(error)}`);
    return empty();
  }
}

/** Drops verdicts and windows from before a reboot or from long ago, but keeps decisions and failovers. */
function trusted(read: Stored, now: Instant): Stored {
  const stored = { ...read, history: modernise(read.history) };
  const { memory } = stored;
  const paths = memory === undefined ? [] : lastingPaths(memory);
  const { claims } = memory ?? {};
  const loads = {
    ...(memory?.loads && { loads: memory.loads }), // the lines are as wide as before
    ...(claims && { claims }),
  };
  if (stored.bootId !== bootId()) {
    const isEmpty = paths.length === 0 && Object.keys({ ...memory?.loads, ...claims }).length === 0;
    const kept = isEmpty ? undefined : { active: { 4: [], 6: [] }, paths, ...loads };
    return { ...empty(), memory: kept, history: stored.history };
  }
  const isRecent = now - stored.savedAt < trustedMs && stored.savedAt <= now + 1000;
  if (memory === undefined || isRecent) return stored;
  const { active, numbers = {}, leases } = memory;
  const kept = leases === undefined ? {} : { leases }; // each has an end of its own
  return { ...stored, memory: { active, paths, numbers, ...loads, ...kept } };
}

function empty(): Stored {
  return { format: storeFormat, bootId: bootId(), savedAt: 0, memory: undefined, history: [], sysctls: {} };
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
