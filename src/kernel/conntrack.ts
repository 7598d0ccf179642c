/** The kernel's list of connections, through conntrack(8): read, or taken from by mark. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Family } from '../../models/path.ts';
import { cannotRun, start } from './exec.ts';

const limitMs = 10_000; // for a million connections, and a busy machine

/** One tracked connection. `reply`: what its answers look like, after all translation. */
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
 * Forgets the connections of a family that bear a mark: what they send next begins anew. Tells each that is gone, and
 * resolves with their number. @throws {Error} without `conntrack` or rights
 */
export function cutConnections(
  family: Family,
  { value, mask }: { readonly value: number; readonly mask: number },
  gone: (connection: Connection) => void,
): Promise<number> {
  return conntrack(['-D', '-f', `ipv${family}`, '-m', `${value}/${mask}`], gone);
}

/** Tells each connection of a family. It may be long; nothing is held up meanwhile. @throws {Error} without `conntrack` or rights */
export function listConnections(family: Family, told: (connection: Connection) => void): Promise<number> {
  return conntrack(['-L', '-f', `ipv${family}`], told);
}

/** One line of what `conntrack -L` and `-D` print; undefined for what is none. */
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

async function conntrack(args: readonly string[], told: (connection: Connection) => void): Promise<number> {
  const child = start('conntrack', args);
  const ended = once(child, 'close'); // rejects with the child's `error`
  child.stdin.on('error', () => undefined); // it does not read any
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let count = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const connection = readConnection(line);
    if (connection === undefined) return;
    count += 1;
    told(connection);
  });
  const [code] = await ended
    .catch((error: Error) => Promise.reject(explain(error)))
    .finally(() => clearTimeout(limit));
  // Status 1 also means that there was nothing to take away.
  if (code === 0 || / flow entries have been /.test(said)) return count;
  throw new Error(`conntrack ${args.join(' ')}: ${said.trim()}`);
}

function explain(error: Error): Error {
  const reason = cannotRun('conntrack', error);
  return reason.missing
    ? new Error(`${reason.message}; install it with: apt-get install conntrack`, { cause: error })
    : reason;
}
