/** What `state.json` holds, for the daemon and for commands that have to do without one. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '../../models/decision.ts';
import type { Instant } from '../../models/instant.ts';
import { modernise } from '../core/state/decision-ids.ts';
import type { Memory } from '../core/state/memory.ts';

/** The content of `state.json`. */
export interface Stored {
  readonly format: number;
  readonly bootId: string;
  readonly savedAt: Instant;
  readonly memory: Memory | undefined;
  readonly history: readonly Decision[];
  readonly sysctls: Readonly<Record<string, string>>; // earlier values of those we changed, this boot
}

/** The format that this version reads and writes. */
export const storeFormat = 1;

/** Whether it has the shape of what this version stores. */
export function isStored(value: unknown): value is Stored {
  if (typeof value !== 'object' || value === null) return false;
  const { format: found, history, memory, sysctls } = value as Partial<Stored>; // validated below
  const isMemory =
    memory === undefined ||
    (Array.isArray(memory.paths) &&
      Array.isArray(memory.active?.[4]) &&
      Array.isArray(memory.active?.[6]) &&
      (memory.leases === undefined || Array.isArray(memory.leases)));
  return (
    found === storeFormat &&
    Array.isArray(history) &&
    isMemory &&
    typeof sysctls === 'object' &&
    sysctls !== null
  );
}

/** What a daemon has left in the state folder, and when. */
export interface LeftBehind extends Pick<Stored, 'history' | 'memory'> {
  readonly file: string;
  readonly writtenAt: number; // wall-clock ms
}

/** Reads what a daemon has left, and changes nothing; `undefined` if there is nothing this version can read. */
export function readLeftBehind(folder: string): LeftBehind | undefined {
  const file = join(folder, 'state.json');
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isStored(stored)) return undefined;
    const { history, memory } = stored;
    return { file, writtenAt: statSync(file).mtimeMs, history: modernise(history), memory };
  } catch {
    return undefined; // missing, unreadable or half of something: there is no daemon to repair it either
  }
}
