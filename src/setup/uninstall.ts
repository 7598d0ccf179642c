/** Removes what the daemon and the install put on a machine, even when only parts of it are left. */
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelLeftovers } from './removal/kernel-leftovers.ts';
import type { Removal } from './removal/removal.ts';
import { remove } from './shell.ts';

/** Where leftovers may be. */
export interface Leftovers {
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
}

/**
 * What the daemon left, in order of removal: traffic first falls back to others' routes, then settings and
 * files go.
 */
export async function findLeftovers(places: Leftovers): Promise<Removal[]> {
  return [...(await kernelLeftovers()), ...earlierSysctls(places.stateDirectory), ...files(places)];
}

/** Settings that the daemon changed, from its store: only those of this boot are still in force. */
function earlierSysctls(stateDirectory: string): Removal[] {
  const file = join(stateDirectory, 'state.json');
  if (!existsSync(file)) return [];
  return Object.entries(readSysctls(file)).flatMap(([name, value]) => {
    const path = `/proc/sys/${name}`;
    if (!existsSync(path) || readFileSync(path, 'utf8').trim() === value) return [];
    return [{ what: `setting ${name} back to ${value}`, undo: async () => writeFileSync(path, value) }];
  });
}

function readSysctls(file: string): Record<string, string> {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof stored !== 'object' || stored === null || !('sysctls' in stored) || !('bootId' in stored))
      return {};
    if (stored.bootId !== readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) return {};
    const entries = Object.entries(stored.sysctls ?? {}).filter(
      (entry): entry is [string, string] =>
        /^net\/ipv[46]\/(conf\/[^/]+\/)?\w+$/.test(entry[0]) && typeof entry[1] === 'string',
    );
    return Object.fromEntries(entries);
  } catch {
    return {}; // a broken store holds no values to restore
  }
}

/** Our own files, by name: the folders may come from the environment, and hold files that are not ours. */
function files({ stateDirectory, runtimeDirectory }: Leftovers): Removal[] {
  const paths = [
    ...entries(stateDirectory).flatMap((name) => (stateFile.test(name) ? [join(stateDirectory, name)] : [])),
    ...['control.sock', 'orders.sock', 'lock'].map((name) => join(runtimeDirectory, name)),
    `${runtimeDirectory}-reports.json`, // process/runtime-paths
  ];
  return [
    ...paths.filter(isThere).map((path) => removal(`file ${path}`, path)),
    ...[stateDirectory, runtimeDirectory].filter(isThere).map(folderRemoval),
  ];
}

/** What the daemon stores, and what a crash during a write leaves behind. */
const stateFile = /^(\.?state\.json(\.set-aside|\.tmp)?|last-config\.json|\.last-config\.json\..+)$/;

function entries(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Removes a file, a link or a whole folder. */
export function removal(what: string, path: string): Removal {
  return { what, undo: async () => remove(path) };
}

/** Removes a folder if it is empty by then; a link to one goes with it (systemd.exec(5), `DynamicUser`). */
export function folderRemoval(path: string): Removal {
  return {
    what: `folder ${path}`,
    condition: 'if empty',
    stayed: () => isThere(path),
    undo: async () => {
      if (!isThere(path) || (existsSync(path) && readdirSync(path).length > 0)) return;
      const target = existsSync(path) ? realpathSync(path) : path;
      remove(path);
      remove(target);
    },
  };
}

/** Whether something has that name, even if it is a dangling link. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
