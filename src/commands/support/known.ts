/** What is known of the past: from the daemon, or from what it left behind. */
import type { Decision } from '../../../models/decision.ts';
import { type Family, families } from '../../../models/path.ts';
import type { Health, Snapshot } from '../../../models/snapshot.ts';
import { duration } from '../../core/format.ts';
import type { PathMemory } from '../../core/state/memory.ts';
import { type LeftBehind, readLeftBehind } from '../../daemon/stored.ts';
import { controlSocket, stateDirectory } from '../../process/runtime-paths.ts';
import { AskError, ask } from '../../report/ask.ts';
import type { Output } from '../../report/output.ts';
import { waitWords } from '../../report/provider-lines.ts';

/** Decisions, oldest first, and how each path was when they were read. */
export interface Known {
  readonly decisions: readonly Decision[];
  readonly paths: readonly KnownPath[];
  readonly isPresent: boolean; // false: it is what a daemon left behind
}

/** One provider in one family. */
export interface KnownPath {
  readonly provider: string;
  readonly family: Family;
  readonly words: string; // `standby, unreliable: 20 checks failed in a row`
}

/**
 * Asks the daemon; where none answers, reads its state file, and complains of that. @throws {AskError} if there is
 * neither
 */
export async function askOrRead(output: Output): Promise<Known> {
  const socket = controlSocket();
  try {
    const [snapshot, decisions] = await Promise.all([ask(socket, 'snapshot'), ask(socket, 'decisions')]);
    return { decisions, paths: pathsNow(snapshot), isPresent: true };
  } catch (error) {
    const left = error instanceof AskError && isSilence(error) ? readLeftBehind(stateDirectory()) : undefined;
    if (left === undefined) throw error;
    output.complain(`failover: ${sourceOf(left)}`);
    return { decisions: left.history, paths: (left.memory?.paths ?? []).flatMap(pathThen), isPresent: false };
  }
}

/** Not for want of permission: then the file may not be read either, and the daemon knows better. */
function isSilence({ kind }: AskError): boolean {
  return kind !== 'not permitted';
}

function sourceOf({ file, writtenAt }: LeftBehind): string {
  const age = duration(Math.max(0, Date.now() - writtenAt));
  return `no daemon answers; this is from ${file}, written ${age} ago`;
}

function pathsNow({ paths, at }: Snapshot): KnownPath[] {
  return paths
    .filter(({ role }) => role !== 'absent')
    .map(({ provider, family, role, health, why, failback }) => {
      const wait = failback === undefined ? '' : `; ${waitWords(failback, at)}`;
      return { provider, family, words: `${role}, ${health}: ${why}${wait}` };
    });
}

function pathThen({ key, health, why }: PathMemory): KnownPath[] {
  const [provider = '', number] = key.split('/');
  const family = families.find((each) => String(each) === number);
  return family === undefined || isUnknown(health) ? [] : [{ provider, family, words: `${health}: ${why}` }];
}

function isUnknown(health: Health): boolean {
  return health === 'unknown';
}
