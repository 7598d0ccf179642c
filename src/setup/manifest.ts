/** Everything failover puts on a machine, as data: install makes it, uninstall takes it away. */
import { join } from 'node:path';
import type { CommandShape } from './command-shape.ts';
import { completion, type Shell, shells } from './completion.ts';
import { manPage } from './man-page.ts';
import { type Table, tablesFile, tablesText } from './tables.ts';
import { home, unitName, unitText } from './unit.ts';

/** The program's own files and folders in `home`, besides `node_modules`; its own Node.js only where one was got. */
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

/** Names in `home` that are there only while an install is at work, or after it was cut short. */
export const stagingFolders = ['.new', '.old'] as const;

/** Made by systemd when it starts the unit, below these folders; the first is what the second leads to. */
export const systemdFolders = ['/var/lib/private/failover', '/var/lib/failover', '/run/failover'] as const;

/** Where the command is found. */
export const commandLink = { path: '/usr/local/bin/failover', target: `${home}/failover` } as const;

/** Where `systemctl enable` puts its link. */
export const enabledLink = `/etc/systemd/system/multi-user.target.wants/${unitName}`;

/** The kernel setting that permits ping sockets, and the range that permits them to every group. */
export const pingRange = { path: '/proc/sys/net/ipv4/ping_group_range', value: '0 2147483647' } as const;

/** A file outside `home`, with the folder it may have needed. */
export interface ManifestFile {
  readonly path: string;
  readonly content: string;
}

/** Where the files outside `home` are. */
export const filePaths = {
  unit: `/etc/systemd/system/${unitName}`,
  tables: tablesFile,
  sysctl: '/etc/sysctl.d/60-failover.conf',
} as const;

/** Where completions and man page are: folders of this machine's own, that no package writes to. */
export const wordPaths: Readonly<Record<Shell | 'man', string>> = {
  bash: '/usr/local/share/bash-completion/completions/failover',
  zsh: '/usr/local/share/zsh/site-functions/_failover',
  fish: '/etc/fish/completions/failover.fish',
  man: '/usr/local/share/man/man8/failover.8',
};

/** In `home`: folders that an install had to make elsewhere, one per line, for uninstall to take away when they are empty. */
export const foldersRecord = '.folders';

/** Completions and man page, written from the list of commands. */
export function wordFiles(commands: readonly CommandShape[], version: string): readonly ManifestFile[] {
  return [
    ...shells.map((shell) => ({ path: wordPaths[shell], content: completion(shell, commands) })),
    { path: wordPaths.man, content: manPage(commands, version) },
  ];
}

/** The files outside `home` that make it work. `earlierRange`: the ping range before, to go back to. */
export function manifestFiles({
  tables,
  node,
  groups,
  earlierRange,
}: {
  readonly tables: readonly Table[];
  readonly node: string | undefined;
  readonly groups: readonly string[];
  readonly earlierRange: string;
}): readonly ManifestFile[] {
  return [
    { path: filePaths.tables, content: tablesText(tables) },
    { path: filePaths.sysctl, content: sysctlText(earlierRange) },
    { path: filePaths.unit, content: unitText({ node, groups }) },
  ];
}

/** The range a sysctl file of ours says there was before. */
export function earlierRangeIn(text: string): string | undefined {
  return /^# before: (\d+ \d+)$/m.exec(text)?.[1];
}

/** A path below the staging folder an install may be given. */
export function below(prefix: string, path: string): string {
  return prefix === '' ? path : join(prefix, path);
}

function sysctlText(earlier: string): string {
  return `# Written by failover's install: ping sockets for every group, so that a check costs no process.
# before: ${earlier}
-net.ipv4.ping_group_range = ${pingRange.value}
`;
}
