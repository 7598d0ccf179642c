/** The last configuration that worked, in the state folder: the fallback for a file that cannot be used. */
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
  readonly version: string; // of the program: another one may interpret the settings differently
  readonly file: string;
  readonly readAt: number; // wall-clock ms
  readonly config: PackedConfig; // including the code of the operator's own scenarios
}

/** A configuration that worked. */
export interface LastConfig {
  readonly file: string;
  readonly readAt: number; // wall-clock ms
  readonly config: Config;
}

const format = 1;

/** Stores the configuration that works now, reads the last one. Never throws: it is only a fallback. */
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

  /** Resolves when it has been written to disk, or could not be. Only the daemon's user can read it. */
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

  /** The last one of a file, or of any file if none is named; `undefined` if none can be used. */
  read(file: string | undefined): LastConfig | undefined {
    try {
      const kept = parse(readFileSync(this.#path, 'utf8')) as Partial<Kept>; // validated below
      const { readAt, config } = kept;
      if (kept.format !== format || kept.version !== this.#version || kept.file === undefined)
        return undefined;
      if (readAt === undefined || config === undefined || (file !== undefined && kept.file !== file))
        return undefined;
      return { file: kept.file, readAt, config: unpackConfig(config) };
    } catch {
      return undefined; // none was stored, or another program wrote it
    }
  }

  get #path(): string {
    return join(this.#folder, 'last-config.json');
  }
}
