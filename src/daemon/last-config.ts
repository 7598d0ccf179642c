/** The last configuration that worked, in the state folder: what a start falls back on when its file cannot be used. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../models/config.ts';
import { messageOf } from '../../models/message-of.ts';
import { type PackedConfig, packConfig, parse, stringify, unpackConfig } from '../config/packed-config.ts';
import { makeFolder } from '../process/make-folder.ts';
import { replaceFile } from '../watch/replace-file.ts';

/** The content of `last-config.json`. */
interface Kept {
  readonly format: number;
  readonly version: string; // of the program: another one may understand the settings otherwise
  readonly file: string;
  readonly readAt: number; // wall-clock ms
  readonly config: PackedConfig; // with the code of the operator's own scenarios
}

/** A configuration that worked. */
export interface LastConfig {
  readonly file: string;
  readonly readAt: number; // wall-clock ms
  readonly config: Config;
}

const format = 1;

/** Keeps the configuration that works now and gives the one before. Never throws: without it a start is only less safe. */
export class LastConfigStore {
  readonly #folder: string;
  readonly #version: string;
  readonly #warn: (sentence: string) => void;
  #failing = false;

  constructor(folder: string, version: string, warn: (sentence: string) => void) {
    this.#folder = folder;
    this.#version = version;
    this.#warn = warn;
  }

  /** Resolves when it is on the disk, whole, or could not be put there. Readable by the daemon's user alone. */
  async keep(file: string, config: Config): Promise<void> {
    const kept: Kept = {
      format,
      version: this.#version,
      file,
      readAt: Date.now(),
      config: packConfig(config),
    };
    try {
      makeFolder(this.#folder);
      const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
      await replaceFile(this.#path, stringify(kept), { mode: 0o600, uid, gid });
      this.#failing = false;
    } catch (error) {
      const reason = messageOf(error);
      if (!this.#failing)
        this.#warn(`the configuration cannot be kept for a start with a broken file: ${reason}`);
      this.#failing = true;
    }
  }

  /** The last one of a file, or of any when none is named; `undefined` when there is none that can be used. */
  read(file: string | undefined): LastConfig | undefined {
    try {
      const kept = parse(readFileSync(this.#path, 'utf8')) as Partial<Kept>; // looked at below
      const { readAt, config } = kept;
      if (kept.format !== format || kept.version !== this.#version || kept.file === undefined)
        return undefined;
      if (readAt === undefined || config === undefined || (file !== undefined && kept.file !== file))
        return undefined;
      return { file: kept.file, readAt, config: unpackConfig(config) };
    } catch {
      return undefined; // none was kept, or it was not by this program
    }
  }

  get #path(): string {
    return join(this.#folder, 'last-config.json');
  }
}
