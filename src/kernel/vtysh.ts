/** FRRouting's shell, one process for each query and each change. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './exec.ts';
import { staticDaemons } from './frr-daemons.ts';

/** The state of FRRouting. */
export interface FrrReading {
  readonly config: string; // `show running-config`
  readonly tables: readonly Readonly<Record<string, readonly RouteEntry[]>>[]; // zebra's routes by prefix: IPv4, IPv6
}

/** One of zebra's routes to a prefix, with the fields that we read. */
export interface RouteEntry {
  readonly protocol: string;
  readonly distance: number;
  readonly selected: boolean; // zebra uses it
  readonly tag: number | undefined;
}

/**
 * Reads the whole configuration and zebra's static routes.
 * @throws {Error} when `vtysh` is missing or may not be used, or a daemon that we need is not running
 */
export async function readFrr(pathspace: string | undefined): Promise<FrrReading> {
  const questions = [
    'show daemons',
    'show running-config',
    'show ip route static json',
    'show ipv6 route static json',
  ];
  const answer = await vtysh(
    pathspace,
    questions.flatMap((question) => ['-c', question]),
  );
  const [first = ''] = answer.stdout.split('\n');
  const absent = staticDaemons.filter((name) => !first.split(' ').includes(name));
  if (answer.code !== 0 || absent.length > 0)
    throw new Error(`FRRouting cannot be queried: ${complaint(answer, absent)}`);
  return { config: answer.stdout, tables: jsonOf(answer.stdout).map(readEntries) };
}

/** All of zebra's routes to one prefix. @throws {Error} as `readFrr` */
export async function readRoutes(
  pathspace: string | undefined,
  prefix: string,
): Promise<readonly RouteEntry[]> {
  const question = `show ${prefix.includes(':') ? 'ipv6' : 'ip'} route ${prefix} json`;
  const answer = await vtysh(pathspace, ['-c', question]);
  if (answer.code !== 0) throw new Error(`FRRouting cannot be queried: ${complaint(answer, [])}`);
  return jsonOf(answer.stdout).flatMap((table) => readEntries(table)[prefix] ?? []);
}

/**
 * Applies lines of configuration, all of them even if some fail. Returns the error of each line that failed.
 * From a file, since `-c` commits each line by itself: 1,000 of them took 5.5 s instead of 0.3 s (FRR 8.4).
 * @throws {Error} when `vtysh` is missing or may not be used, or no daemon is running
 */
export async function writeFrr(
  pathspace: string | undefined,
  lines: readonly string[],
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'failover-'));
  try {
    const file = join(folder, 'frr.conf');
    await writeFile(file, `${lines.join('\n')}\n`);
    const answer = await vtysh(pathspace, ['-f', file]);
    const refused = [...answer.stderr.matchAll(/^line (\d+): (.*)$/gm)].map(
      ([, number, what]) => `${lines[Number(number) - 1]}: ${what}`,
    );
    if (answer.code !== 0 && refused.length === 0)
      throw new Error(`FRRouting cannot be configured: ${complaint(answer, [])}`);
    return refused;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function vtysh(pathspace: string | undefined, words: readonly string[]): Promise<Answer> {
  const answer = await run('vtysh', [...(pathspace === undefined ? [] : ['-N', pathspace]), ...words]);
  // Its own settings are for people at a terminal, and not every user may read them.
  const stderr = answer.stderr.replaceAll(/^% Can't open configuration file \S*vtysh\.conf .*\n?/gm, '');
  return { ...answer, stderr: stderr.trim() };
}

function complaint({ stderr, stdout, code }: Answer, absent: readonly string[]): string {
  if (/failed to connect to any daemons/.test(stderr))
    return 'no daemon of it answers; it is not running, or the user that runs failover is not in its group frrvty (./install sees to that)';
  if (/could not lookup user ID/.test(stderr))
    return 'vtysh wants a name for the user that runs failover; install libnss-systemd';
  if (absent.length > 0) return `${absent.join(' and ')} ${absent.length > 1 ? 'are' : 'is'} not running`;
  return (
    stderr.split('\n')[0] ||
    stdout.split('\n').find((line) => line.startsWith('%')) ||
    `vtysh ended with ${code}`
  );
}

/** The JSON objects in an answer; each begins and ends with a line of its own, or is one line. */
function jsonOf(text: string): unknown[] {
  return [...text.matchAll(/^(?:\{\n[\s\S]*?^\}|\{.*\})$/gm)].map(([json]) => JSON.parse(json) as unknown);
}

function readEntries(table: unknown): Record<string, RouteEntry[]> {
  if (!isRecord(table)) return {};
  const routes = Object.entries(table).map(([prefix, entries]): [string, RouteEntry[]] => [
    prefix,
    (Array.isArray(entries) ? entries : []).filter(isRecord).map((entry) => ({
      protocol: String(entry['protocol']),
      distance: Number(entry['distance'] ?? 0),
      selected: entry['selected'] === true,
      tag: typeof entry['tag'] === 'number' ? entry['tag'] : undefined,
    })),
  ]);
  return Object.fromEntries(routes);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
