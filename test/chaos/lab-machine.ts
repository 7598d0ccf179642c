/** What a daemon can leave behind in a lab's router. */
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { Lab } from '../../src/lab/lab.ts';

/** The router, as text that can be compared. */
export interface Machine {
  readonly routes: readonly string[]; // all tables, without what belongs to one moment
  readonly rules: readonly string[];
  readonly nexthops: readonly string[];
  readonly tables: readonly string[]; // nftables
  readonly sysctls: readonly string[]; // of IPv4
  readonly processes: readonly string[]; // command lines
}

/** Reads it. */
export async function readMachine(lab: Lab): Promise<Machine> {
  const read = async (...command: string[]): Promise<string[]> => linesOf(await lab.run('router', command));
  return {
    routes: (await read('ip', '-N', '-4', 'route', 'show', 'table', 'all')).map(steady),
    rules: (await read('ip', '-N', '-4', 'rule', 'show')).map(steady),
    nexthops: await read('ip', '-N', 'nexthop', 'show'),
    tables: await read('nft', 'list', 'tables'),
    sysctls: await read(
      'grep',
      '-rs',
      '',
      '/proc/sys/net/ipv4/conf',
      '/proc/sys/net/ipv4/fib_multipath_hash_policy',
    ),
    processes: await processesOf('router'),
  };
}

/** What of our routes and rules is not as before, although all is well again. Addresses may have changed. */
export function sameRoutes(before: Machine, after: Machine): string[] {
  const ours = ({ routes, rules }: Machine): string[] =>
    [...routes, ...rules]
      .filter((line) => / proto 77\b/.test(line))
      .map(withoutHost)
      .sort();
  return differences(ours(before), ours(after)).map((line) => `when all is well again, ${line}`);
}

/** What is not as it was before the daemon was started. */
export function leftAfterStop(before: Machine, after: Machine): string[] {
  const sorted = (lines: readonly string[]): string[] => lines.map(withoutHost).sort();
  return (['routes', 'rules', 'nexthops', 'tables', 'sysctls', 'processes'] as const)
    .flatMap((what) => differences(sorted(before[what]), sorted(after[what])))
    .map((line) => `when it was stopped, ${line}`);
}

function differences(before: readonly string[], after: readonly string[]): string[] {
  const missing = before.filter((line) => !after.includes(line)).map((line) => `there is no more: ${line}`);
  const added = after.filter((line) => !before.includes(line)).map((line) => `there is: ${line}`);
  return [...missing, ...added];
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function steady(line: string): string {
  return line.replace(/ (linkdown|dead|pref medium)\b/g, '').replace(/ (expires|metric 0) ?\S*/, '');
}

/** A renumbered line has another address in the same network. */
function withoutHost(line: string): string {
  return line.replace(/\b10\.10\.(\d+)\.(?!0\b|254\b|255\b)\d+/g, '10.10.$1.x');
}

/** The lab's own sessions and monitors. */
const ofTheLab = /^ip (-o -force|-ts -N) /;

/** The command lines of the processes in a namespace, but for those of the lab. */
async function processesOf(namespace: string): Promise<string[]> {
  const found: string[] = [];
  const { ino } = await stat(`/run/netns/${namespace}`);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const link = await readlink(`/proc/${pid}/ns/net`).catch(() => '');
    if (link !== `net:[${ino}]`) continue;
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
      .replaceAll('\0', ' ')
      .trim();
    if (line !== '' && !ofTheLab.test(line)) found.push(line);
  }
  return found;
}
