/** An HTTP server on a Unix socket: what `control` and `control-commands` have in common. */
import { lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { messageOf } from '../../models/message-of.ts';
import { type Answer, closeHttpServer, createHttpServer } from './http-server.ts';

/** The socket, its handler, and which users may connect. */
export interface UnixServer {
  readonly path: string;
  readonly mode: number; // of the socket file: 0o660, 0o600
  readonly idleMs: number; // how long a connection may be silent, or an answer take
  readonly answer: Answer;
}

/**
 * Opens the socket. The socket of a dead daemon is replaced; one that answers is left alone. Never rejects:
 * an obstacle is returned as `problem`, a sentence. `close` ends every connection and removes the file; it
 * never rejects.
 */
export async function openUnixServer({
  path,
  mode,
  idleMs,
  answer,
}: UnixServer): Promise<{ close(): Promise<void> } | { readonly problem: string }> {
  try {
    const obstacle = tooLong(path) ?? (await makeWay(path));
    if (obstacle !== undefined) return { problem: obstacle };
    const server = createHttpServer(answer, { idleMs, connections: 32 });
    await listen(server, path, mode);
    // no descriptor left for one client, which notices: nothing to do here
    server.on('error', () => undefined);
    return { close: () => closeHttpServer(server) };
  } catch (error) {
    return { problem: explain(path, error) };
  }
}

/** The kernel's `sun_path` has 108 bytes; libuv in Node 20 silently truncates longer names. */
function tooLong(path: string): string | undefined {
  if (Buffer.byteLength(path) <= 107) return undefined;
  return `the control socket ${path} cannot be opened: its name is too long for a socket (at most 107 bytes); set FAILOVER_RUNTIME_DIRECTORY to a shorter one`;
}

/** Removes the socket of a dead daemon; returns what else is in the way. */
async function makeWay(path: string): Promise<string | undefined> {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined) return undefined;
  if (!present.isSocket())
    return `the control socket ${path} cannot be opened: it is not a socket; remove it`;
  if (await isAnswered(path))
    return `the control socket ${path} cannot be opened: another daemon answers there; stop it first`;
  unlinkSync(path);
  return undefined;
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.setTimeout(1000, () => settle(true)); // its queue is full: another process holds it
  });
}

/**
 * `listen` creates the file synchronously, with the umask set here: it is never open to others, not even
 * briefly.
 */
function listen(server: Server, path: string, mode: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o777 & ~mode);
    try {
      server.listen(path, () => {
        server.removeListener('error', reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'the folder is missing; create it, or set FAILOVER_RUNTIME_DIRECTORY',
  ENOTDIR: 'its folder is not a directory; set FAILOVER_RUNTIME_DIRECTORY to one',
  EACCES: 'writing there is not permitted; run as root, or set FAILOVER_RUNTIME_DIRECTORY',
  EROFS: 'the folder is read-only; set FAILOVER_RUNTIME_DIRECTORY to one that is not',
};

function explain(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // libuv reports a missing folder as EACCES when it binds a socket.
  const missing = code === 'EACCES' && lstatSync(dirname(path), { throwIfNoEntry: false }) === undefined;
  const cause = causes[missing ? 'ENOENT' : code] ?? messageOf(error);
  return `the control socket ${path} cannot be opened: ${cause}`;
}
