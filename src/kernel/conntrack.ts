/** The kernel's connection table, through conntrack(8): listing it, and deleting from it by mark. */
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Family } from '../../models/path.ts';
import { cannotRun, start } from './exec.ts';

const remedy = 'install it with: apt-get install conntrack';
const limitMs = 10_000; // enough for a million connections on a busy machine

/** One tracked connection. `reply`: the tuple of its replies, after all translation. */
export interface Connection {
  readonly protocol: string; // 'tcp', 'udp', 'icmp', 'icmpv6', …
  readonly mark: number; // 0: none
  readonly original: Tuple;
  readonly reply: Tuple;
}

/** One direction of a connection. Protocols without ports have none. */
export interface Tuple {
  readonly from: string;
  readonly to: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
}

/**
 * Deletes a family's connections with a mark: their next packet is tracked as a new connection. Calls back for each
 * that was deleted, and resolves with how many. @throws {Error} without `conntrack` or rights
 */
export function cutConnections(
  family: Family,
  { value, mask }: { readonly value: number; readonly mask: number },
  gone: (connection: Connection) => void,
): Promise<number> {
  return conntrack(['-D', '-f', `ipv${family}`, '-m', `${value}/${mask}`], gone);
}

/**
 * Calls back for each connection of a family. The list may be long; nothing is held up while it is read.
 * @throws {Error} without `conntrack` or rights
 */
export function listConnections(
  family: Family,
  onConnection: (connection: Connection) => void,
): Promise<number> {
  return conntrack(['-L', '-f', `ipv${family}`], onConnection);
}

/** Why connections of a dead provider cannot be cut on this machine, and what to do; undefined when they can. */
export function whyNoCuts(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':');
  if (folders.some((folder) => isProgram(join(folder, 'conntrack')))) return undefined;
  return `connections of a dead provider cannot be cut and may hang, those of a LAN above all: conntrack is not installed; ${remedy}`;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // it is not here
  }
}

/** Parses one line that `conntrack -L` or `-D` prints; undefined when it is not a connection. */
export function readConnection(line: string): Connection | undefined {
  const protocol = /^(\S+)\s+\d+ /.exec(line)?.[1];
  const [original, reply] = line.matchAll(/src=(\S+) dst=(\S+)(?: sport=(\d+) dport=(\d+))?/g);
  if (protocol === undefined || original === undefined || reply === undefined) return undefined;
  const mark = Number(/ mark=(\d+)/.exec(line)?.[1] ?? 0);
  return { protocol, mark, original: tuple(original), reply: tuple(reply) };
}

function tuple([, from = '', to = '', fromPort, toPort]: RegExpExecArray): Tuple {
  return { from, to, fromPort: port(fromPort), toPort: port(toPort) };
}

function port(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

async function conntrack(
  args: readonly string[],
  onConnection: (connection: Connection) => void,
): Promise<number> {
  const child = start('conntrack', args);
  const ended = once(child, 'close'); // rejects with the child's `error`
  child.stdin.on('error', () => undefined); // it does not read its input
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let count = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const connection = readConnection(line);
    if (connection === undefined) return;
    count += 1;
    onConnection(connection);
  });
  const [code] = await ended
    .catch((error: Error) => Promise.reject(explain(error)))
    .finally(() => clearTimeout(limit));
  // Status 1 also means that there was nothing to delete.
  if (code === 0 || / flow entries have been /.test(errors)) return count;
  throw new Error(`conntrack ${args.join(' ')}: ${errors.trim()}`);
}

function explain(error: Error): Error {
  const reason = cannotRun('conntrack', error);
  return reason.missing ? new Error(`${reason.message}; ${remedy}`, { cause: error }) : reason;
}
