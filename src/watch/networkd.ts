/**
 * Whether systemd-networkd deletes what others put into the kernel: which settings it found when it started. Only files
 * are read, which any user may; they are systemd's own record, so no process is needed.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';

/** The settings of networkd.conf(5) that have to be `no`, and since which version they exist. */
export const sparing = [
  'ManageForeignRoutes',
  'ManageForeignRoutingPolicyRules',
  'ManageForeignNextHops',
] as const;

/** One file that decides about a setting. */
interface Source {
  readonly file: string;
  readonly value: string;
}

const service = '/run/systemd/units/invocation:systemd-networkd.service'; // a link, made when the service starts
const folders = ['/etc', '/run', '/usr/local/lib', '/usr/lib'] as const; // what is in one hides what is in the next
const off = /^(no|false|off|n|f|0)$/i; // systemd's parse_boolean()

/**
 * A sentence with what to do, when systemd-networkd runs and would delete our rules, routes or nexthop objects.
 * `root` (@default this machine): where to look.
 */
export function networkdThreat(root = ''): string | undefined {
  const startedAt = lstatSync(join(root, service), { throwIfNoEntry: false })?.mtimeMs;
  if (startedAt === undefined) return undefined;
  const sources = effective(root);
  const bad = sparing.filter((name) => !off.test(sources.get(name)?.value ?? 'yes'));
  if (bad.length > 0) return `${runs(bad)}; ${remedy(bad, sources)}`;
  const unread = sparing.filter((name) => isNewer(root, sources.get(name)?.file, startedAt));
  if (unread.length === 0) return undefined;
  const file = sources.get(unread[0] ?? sparing[0])?.file;
  return `${runs(unread)}; it has not read ${file} since that changed: systemctl restart systemd-networkd`;
}

function runs(names: readonly string[]): string {
  return `systemd-networkd runs without ${names.map((name) => `${name}=no`).join(', ')} and deletes our routes and rules when it starts or reconfigures a link`;
}

function remedy(bad: readonly string[], sources: ReadonlyMap<string, Source>): string {
  const written = bad.flatMap((name) => sources.get(name)?.file ?? []);
  const first =
    written.length === 0 ? 'failover install' : `change it in ${[...new Set(written)].join(', ')}`;
  return `${first}, then systemctl restart systemd-networkd`;
}

/** The value of each setting and the file it is from: the main file, then the drop-ins in the order of their names. */
function effective(root: string): ReadonlyMap<string, Source> {
  const main = folders
    .map((folder) => `${folder}/systemd/networkd.conf`)
    .find((file) => existsSync(join(root, file)));
  const found = new Map<string, Source>();
  for (const file of [...(main === undefined ? [] : [main]), ...dropIns(root)])
    for (const [name, value] of settingsIn(textOf(join(root, file)))) found.set(name, { file, value });
  return found;
}

function dropIns(root: string): readonly string[] {
  const byName = new Map<string, string>();
  for (const folder of folders) {
    const path = `${folder}/systemd/networkd.conf.d`;
    const names = existsSync(join(root, path)) ? readdirSync(join(root, path)) : [];
    for (const name of names.filter((each) => each.endsWith('.conf')))
      if (!byName.has(name)) byName.set(name, `${path}/${name}`);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

function* settingsIn(text: string): Generator<readonly [string, string]> {
  let section = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    section = /^\[(.*)\]$/.exec(line)?.[1] ?? section;
    const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (section === 'Network' && name !== undefined && value !== undefined) yield [name, value];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a link to nowhere, as good as no file
  }
}

/** A file of an earlier boot is never newer, whatever the clock said then. */
function isNewer(root: string, file: string | undefined, startedAt: number): boolean {
  if (file === undefined) return false;
  const { mtimeMs, ctimeMs } = statSync(join(root, file));
  const changedAt = Math.max(mtimeMs, ctimeMs);
  return changedAt > startedAt && changedAt > Date.now() - uptime() * 1000;
}
