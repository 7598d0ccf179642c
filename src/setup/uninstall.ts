/** Takes what the daemon put on a machine away again. The one importer of shelljs, which suits setup: it blocks and never throws. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import shell from 'shelljs';
import { run } from '../kernel/exec.ts';

/** What there may be to take away. */
export interface Leftovers {
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
}

/** One thing to take away: what it is, and how. `undo` throws when it could not. */
export interface Removal {
  readonly what: string;
  readonly undo: () => Promise<void>;
}

/** What is there to take away, in the order to do it: traffic first falls back to others' routes, then settings and files go. */
export async function findLeftovers(places: Leftovers): Promise<Removal[]> {
  const kernel: Removal[] = [];
  for (const family of ['-4', '-6']) {
    const name = `IPv${family.slice(1)}`;
    const rules =
      (await run('ip', [family, 'rule', 'show', 'protocol', '77'])).stdout.match(/proto(col)? 77/g) ?? [];
    const routes = await run('ip', [family, 'route', 'show', 'table', 'all', 'proto', '77']);
    const ours = routes.stdout.split('\n').filter((line) => line.trim() !== '');
    if (rules.length > 0)
      kernel.push(flush(`${rules.length} ${name} rules`, [family, 'rule', 'flush', 'protocol', '77']));
    if (ours.length > 0) {
      kernel.push(
        flush(`${ours.length} ${name} routes`, [family, 'route', 'flush', 'table', 'all', 'proto', '77']),
      );
    }
  }
  return [...kernel, ...earlierSysctls(places.stateDirectory), ...files(places)];
}

function flush(what: string, args: readonly string[]): Removal {
  return {
    what,
    undo: async () => {
      const { code, stderr } = await run('ip', args);
      if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
    },
  };
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
        /^net\/ipv[46]\/conf\/[^/]+\/\w+$/.test(entry[0]) && typeof entry[1] === 'string',
    );
    return Object.fromEntries(entries);
  } catch {
    return {}; // a broken store holds no values to go back to
  }
}

/** Our own files, by name: the folders may be named by the environment, and hold what is not ours. */
function files({ stateDirectory, runtimeDirectory }: Leftovers): Removal[] {
  const paths = [
    ...['state.json', 'state.json.set-aside', '.state.json.tmp'].map((name) => join(stateDirectory, name)),
    ...['control.sock', 'lock'].map((name) => join(runtimeDirectory, name)),
  ];
  const found = paths
    .filter(existsSync)
    .map((path) => ({ what: `file ${path}`, undo: async () => remove('-f', path) }));
  const folders = [stateDirectory, runtimeDirectory].filter(existsSync).map((path) => ({
    what: `folder ${path}, if empty`,
    undo: async () => {
      if (readdirSync(path).length === 0) remove('-r', path);
    },
  }));
  return [...found, ...folders];
}

function remove(option: string, path: string): void {
  const { code, stderr } = shell.rm(option, path);
  if (code !== 0) throw new Error(stderr.trim());
}
