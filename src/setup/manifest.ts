/** Everything failover puts on a machine, as data: install creates it, uninstall removes it. */
import { join } from 'node:path';
import type { CommandShape } from './command-shape.ts';
import { completion, type Shell, shells } from './completion.ts';
import { manPage } from './man-page.ts';
import { type Table, tablesFile, tablesText } from './tables.ts';
import { home, unitName, unitText } from './unit.ts';

/**
 * The program's own files and folders in `home`, besides `node_modules`; its own Node.js only where one was
 * downloaded.
 */
export const programParts = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'docs',
  'failover',
  'install',
  'models',
  'node/LICENSE',
  'node/bin/node',
  'package-lock.json',
  'package.json',
  'src',
  'tsconfig.json',
  'uninstall',
] as const;

/** Names in `home` that exist only during an install, or after an interrupted one. */
export const stagingFolders = ['.new', '.old'] as const;

/** Created by systemd when it starts the unit; the second may be a link to the first. */
export const systemdFolders = ['/var/lib/private/failover', '/var/lib/failover', '/run/failover'] as const;

/** The link that puts the command on the PATH. */
export const commandLink = { path: '/usr/local/bin/failover', target: `${home}/failover` } as const;

/** Where `systemctl enable` puts its link. */
export const enabledLink = `/etc/systemd/system/multi-user.target.wants/${unitName}`;

/** The kernel setting that permits ping sockets, and the range that permits them to every group. */
export const pingRange = { path: '/proc/sys/net/ipv4/ping_group_range', value: '0 2147483647' } as const;

/** Where a daemon of OpenRC logs. */
export const openrcLog = '/var/log/failover.log';

/** A file outside `home`. */
export interface ManifestFile {
  readonly path: string;
  readonly content: string;
}

/** Where the files outside `home` are. */
export const filePaths = {
  unit: `/etc/systemd/system/${unitName}`,
  tables: tablesFile,
  sysctl: '/etc/sysctl.d/60-failover.conf',
  rotation: '/etc/logrotate.d/failover',
  networkd: '/etc/systemd/networkd.conf.d/50-failover.conf', // only where systemd-networkd is installed
} as const;

/** Where completions and man page are: local folders, which no package writes to. */
export const wordPaths: Readonly<Record<Shell | 'man', string>> = {
  bash: '/usr/local/share/bash-completion/completions/failover',
  zsh: '/usr/local/share/zsh/site-functions/_failover',
  fish: '/etc/fish/completions/failover.fish',
  man: '/usr/local/share/man/man8/failover.8',
};

/**
 * In `home`: folders that an install had to create elsewhere, one per line, for uninstall to remove once
 * empty.
 */
export const foldersRecord = '.folders';

/** Completions and man page, written from the list of commands. */
export function wordFiles(commands: readonly CommandShape[], version: string): readonly ManifestFile[] {
  return [
    ...shells.map((shell) => ({ path: wordPaths[shell], content: completion(shell, commands) })),
    { path: wordPaths.man, content: manPage(commands, version) },
  ];
}

/** The files outside `home` that make it work. `earlierRange`: the ping range to restore. */
export function manifestFiles({
  tables,
  node,
  groups,
  earlierRange,
  rotatesLog,
}: {
  readonly tables: readonly Table[];
  readonly node: string | undefined;
  readonly groups: readonly string[];
  readonly earlierRange: string;
  readonly rotatesLog: boolean; // where the log is a file
}): readonly ManifestFile[] {
  return [
    { path: filePaths.tables, content: tablesText(tables) },
    { path: filePaths.sysctl, content: sysctlText(earlierRange) },
    { path: filePaths.unit, content: unitText({ node, groups }) },
    ...(rotatesLog ? [{ path: filePaths.rotation, content: rotationText }] : []),
  ];
}

/** The earlier range, as recorded in our sysctl file. */
export function earlierRangeIn(text: string): string | undefined {
  return /^# before: (\d+ \d+)$/m.exec(text)?.[1];
}

/** A path under the staging folder that an install may be given. */
export function below(prefix: string, path: string): string {
  return prefix === '' ? path : join(prefix, path);
}

/** The log stays open in OpenRC's supervisor: it is copied and emptied, not renamed. */
const rotationText = `# Written by failover's install.
${openrcLog} {
	weekly
	maxsize 10M
	rotate 4
	compress
	delaycompress
	missingok
	notifempty
	copytruncate
}
`;

function sysctlText(earlier: string): string {
  return `# Written by failover's install: ping sockets for every group, so that a check costs no process.
# before: ${earlier}
-net.ipv4.ping_group_range = ${pingRange.value}
`;
}
