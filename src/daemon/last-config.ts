/**
 * The last configuration that worked, in the state folder: the fallback for a file that cannot be used, and what a
 * file that has not changed need not be read for again.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../../models/config.ts';
import { messageOf } from '../../models/message-of.ts';
import { distrust } from '../config/load/distrust.ts';
import { findConfig, isProgram } from '../config/load/find.ts';
import { obstacleTo } from '../config/load/obstacle.ts';
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
  readonly build?: string; // see version.ts; absent: not kept for `unchanged`
  readonly text?: string; // the document it was read from; absent for a program
  readonly warnings?: readonly string[]; // about that document
}

/** A configuration that worked. */
export interface LastConfig {
  readonly file: string;
  readonly readAt: number; // wall-clock ms
  readonly config: Config;
}

/** A configuration as it was read from its file. */
export interface Working {
  readonly file: string;
  readonly config: Config;
  readonly text?: string; // the document, if it is one
  readonly warnings?: readonly string[];
}

/** The program that runs. `build`: see version.ts. */
export interface Program {
  readonly version: string;
  readonly build: string | undefined;
}

const format = 1;

/** Stores the configuration that works now, reads the last one. Never throws: a file can always be read again. */
export class LastConfigStore {
  readonly #folder: string;
  readonly #program: Program;
  readonly #warn: (sentence: string) => void;
  #failing = false;

  constructor(folder: string, program: Program, warn: (sentence: string) => void) {
    this.#folder = folder;
    this.#program = program;
    this.#warn = warn;
  }

  /** Resolves when it has been written to disk, or could not be. Only the daemon's user can read it. */
  async keep({ file, config, text, warnings = [] }: Working): Promise<void> {
    const { version, build } = this.#program;
    const origin = build === undefined || text === undefined ? {} : { build, text, warnings };
    const kept: Kept = { format, version, file, readAt: Date.now(), config: packConfig(config), ...origin };
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
    const kept = this.#read(() =>
      this.#warn(
        `the last configuration that worked is not used: ${this.#path} may be written to by others than root`,
      ),
    );
    if (kept === undefined || (file !== undefined && kept.file !== file)) return undefined;
    return kept;
  }

  /**
   * What reading a file would give: its content is what it was when this very build read it. The first one found if
   * none is named. `undefined`: read it. Programs may depend on more than their own text, and are always read.
   */
  unchanged(named: string | undefined): Required<Working> | undefined {
    const { build } = this.#program;
    const file = named === undefined ? findConfig() : resolve(named);
    if (build === undefined || file === undefined || isProgram(file)) return undefined;
    const kept = this.#read();
    if (kept?.build !== build || kept.file !== file || obstacleTo(file) !== undefined) return undefined;
    const text = textOf(file);
    if (text === undefined || text !== kept.text) return undefined;
    const { config, warnings = [] } = kept;
    return { file, config, text, warnings };
  }

  /** Not as root if another user may have written it: it decides what root runs. */
  #read(onDistrust?: () => void): (Omit<Kept, 'config'> & LastConfig) | undefined {
    try {
      if (distrust(this.#path) !== undefined) {
        onDistrust?.();
        return undefined;
      }
      const kept = parse(readFileSync(this.#path, 'utf8')) as Partial<Kept>; // validated below
      const { file, readAt, config, version } = kept;
      if (kept.format !== format || version !== this.#program.version) return undefined;
      if (file === undefined || readAt === undefined || config === undefined) return undefined;
      return { ...kept, format, version, file, readAt, config: unpackConfig(config) };
    } catch {
      return undefined; // none was stored, or another program wrote it
    }
  }

  get #path(): string {
    return join(this.#folder, 'last-config.json');
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // reading it as a configuration says why
  }
}
