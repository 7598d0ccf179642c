/** What an install put on a machine, to be removed. */
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { secretsFolder } from '../../../models/secret.ts';
import { linkTarget } from '../file-steps.ts';
import { leaseHookRemovals } from '../lease-hooks.ts';
import {
  below,
  commandLink,
  earlierRangeIn,
  enabledLink,
  filePaths,
  foldersRecord,
  pingRange,
  programParts,
  stagingFolders,
  systemdFolders,
  wordPaths,
} from '../manifest.ts';
import { openrcFiles, openrcStop } from '../openrc.ts';
import { isSystemdRunning, systemctl } from '../service.ts';
import { folderRemoval, isThere, removal } from '../uninstall.ts';
import { home, unitName } from '../unit.ts';
import type { Removal } from './removal.ts';

/** The service, if there is one: stopped and disabled before anything else is removed. */
export function serviceRemoval(): readonly Removal[] {
  if (!isSystemdRunning() || !(isThere(filePaths.unit) || isThere(enabledLink))) return openrcStop();
  return [
    {
      what: `service ${unitName}: stopped and disabled`,
      undo: () => systemctl('disable', '--now', unitName),
    },
  ];
}

/**
 * Everything else of an install under `root` (@default '': this machine), the program itself last. `purge`:
 * also the configuration. A checkout with its history is never removed.
 */
export function findInstalled({ root = '', purge = false } = {}): readonly Removal[] {
  const at = (path: string): string => below(root, path);
  const { unit, tables, rotation, networkd } = filePaths;
  const files = [enabledLink, unit, tables, rotation, networkd, ...Object.values(wordPaths)]
    .map(at)
    .filter(isThere);
  const hadUnit = isThere(at(filePaths.unit));
  return [
    ...files.map((path) => removal(`file ${path}`, path)),
    ...[dirname(at(filePaths.tables)), dirname(dirname(at(filePaths.tables)))]
      .filter(() => isThere(at(filePaths.tables)))
      .map(folderRemoval),
    ...leaseHookRemovals(root),
    ...rangeRemoval(at(filePaths.sysctl), root),
    ...(linkTarget(at(commandLink.path)) === commandLink.target
      ? [removal(`link ${at(commandLink.path)}`, at(commandLink.path))]
      : []),
    ...(hadUnit && root === '' && isSystemdRunning() ? [forgetUnit] : []),
    ...openrcFiles(root),
    ...systemdFolders.map(at).filter(isThere).map(folderRemoval),
    ...madeFolders(at(join(home, foldersRecord)))
      .map(at)
      .filter(isThere)
      .map(folderRemoval),
    ...programRemovals(at(home), purge),
  ];
}

/** The folders an install had to create, the deepest first. */
function madeFolders(record: string): readonly string[] {
  if (!existsSync(record)) return [];
  const lines = readFileSync(record, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('/')).sort((a, b) => b.length - a.length);
}

const forgetUnit: Removal = {
  what: "systemd's record of the unit",
  undo: async () => {
    await systemctl('daemon-reload');
    await systemctl('reset-failed', unitName).catch(() => undefined); // it has not failed: nothing to reset
  },
};

/** The file records the earlier value, see manifest.ts. */
function rangeRemoval(file: string, root: string): readonly Removal[] {
  if (!existsSync(file)) return [];
  const earlier = earlierRangeIn(readFileSync(file, 'utf8'));
  const isOurs = root === '' && presentRange() === pingRange.value && earlier !== undefined;
  const setBack = {
    what: `setting ping_group_range back to ${earlier}`,
    undo: async () => writeFileSync(pingRange.path, earlier ?? ''),
  };
  return [...(isOurs ? [setBack] : []), removal(`file ${file}`, file)];
}

function presentRange(): string | undefined {
  if (!existsSync(pingRange.path)) return undefined;
  return readFileSync(pingRange.path, 'utf8').trim().replaceAll(/\s+/g, ' ');
}

function programRemovals(folder: string, purge: boolean): readonly Removal[] {
  if (!existsSync(folder) || existsSync(join(folder, '.git'))) return [];
  if (purge) return [removal(`folder ${folder}, with the configuration and its secrets`, folder)];
  const tops = programParts.map((part) => part.split('/')[0] ?? part);
  const names = [...tops, ...stagingFolders, foldersRecord, 'node_modules', 'sticky.provider'];
  return [
    ...[...new Set(names)]
      .map((name) => join(folder, name))
      .filter(isThere)
      .map((path) => removal(`${lstatSync(path).isDirectory() ? 'folder' : 'file'} ${path}`, path)),
    ...[join(folder, basename(secretsFolder)), folder].filter(isThere).map(folderRemoval),
  ];
}
