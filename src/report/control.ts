/** The daemon's answers to `status`, `why` and `history`: HTTP over a Unix socket that root and one group may use. */
import { chmodSync, chownSync, lstatSync, readFileSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Decision } from '../../models/decision.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import { controlFormat, formatHeader } from './control-format.ts';
import { groupId } from './group.ts';

/** What can be asked. Both are called once per question and may throw; the asker is told. */
export interface Answers {
  snapshot(): Snapshot;
  decisions(): readonly Decision[];
}

/** An open socket. `note` says what an operator may want to know about who can use it. */
export interface Control {
  readonly note: string | undefined;
  /** Ends every connection and removes the socket file. Never rejects. */
  close(): Promise<void>;
}

/**
 * Opens the socket at `path` with mode 0660. `group`: name or number of the group that may ask besides root. A
 * file of a daemon that is gone is replaced; one that answers is left alone. Never rejects: what is in the way
 * comes back as `problem`, a sentence, and the daemon goes on without answering.
 */
export async function openControl({
  path,
  group,
  answers,
}: {
  path: string;
  group?: string;
  answers: Answers;
}): Promise<Control | { readonly problem: string }> {
  try {
    const obstacle = tooLong(path) ?? (await makeWay(path));
    if (obstacle !== undefined) return { problem: obstacle };
    const server = createServer(limits, (request, response) => respond(request, response, answers));
    server.maxConnections = 32;
    server.maxRequestsPerSocket = 1;
    server.setTimeout(5000);
    await listen(server, path);
    server.on('error', () => undefined); // out of descriptors for one asker, who sees it: nothing to do here
    return { note: admit(path, group), close: () => close(server) };
  } catch (error) {
    return { problem: explain(path, error) };
  }
}

/** Whoever may open the socket is trusted, but one slow or mad asker must not cost the daemon anything. */
const limits = {
  maxHeaderSize: 4096,
  headersTimeout: 2000,
  requestTimeout: 3000,
  keepAliveTimeout: 1,
  connectionsCheckingInterval: 1000,
};

function respond(request: IncomingMessage, response: ServerResponse, answers: Answers): void {
  request.on('error', () => undefined); // the asker went away: there is nobody to tell
  response.on('error', () => undefined); // the same
  const [status, body] = answer(request, answers);
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    [formatHeader]: controlFormat,
    connection: 'close',
  });
  response.end(text);
}

function answer({ method, url }: IncomingMessage, answers: Answers): [number, unknown] {
  if (method !== 'GET') return [405, { problem: `only GET is answered, not ${method}` }];
  try {
    if (url === '/snapshot') return [200, answers.snapshot()];
    if (url === '/decisions') return [200, answers.decisions()];
  } catch (error) {
    return [500, { problem: `the daemon failed to answer: ${message(error)}` }];
  }
  return [404, { problem: 'only /snapshot and /decisions are answered' }];
}

/** The kernel's `sun_path` has 108 bytes; libuv in Node 20 cuts longer names off without a word. */
function tooLong(path: string): string | undefined {
  if (Buffer.byteLength(path) <= 107) return undefined;
  return `the control socket ${path} cannot be opened: its name is too long for a socket (at most 107 bytes); set FAILOVER_RUNTIME_DIRECTORY to a shorter one`;
}

/** Removes the socket of a daemon that is gone; says what else is there. */
async function makeWay(path: string): Promise<string | undefined> {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined) return undefined;
  if (!present.isSocket())
    return `the control socket ${path} cannot be opened: something that is no socket is there; remove it`;
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
    socket.setTimeout(1000, () => settle(true)); // its queue is full: somebody holds it
  });
}

/** The file is created inside `listen`, in this very call: it is never open to others, not even for an instant. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o117);
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

/** Lets the group in; what keeps it out is told in the returned note. */
function admit(path: string, group: string | undefined): string | undefined {
  if (group === undefined) return 'only root may ask for the status: no group is set (FAILOVER_GROUP)';
  try {
    const id = groupId(readFileSync('/etc/group', 'utf8'), group);
    if (id === undefined)
      return `only root may ask for the status: there is no group '${group}'; 'groupadd ${group}' makes it`;
    chownSync(path, process.geteuid?.() ?? 0, id);
    chmodSync(path, 0o660); // a change of owner may clear bits
    return undefined;
  } catch (error) {
    return `only root may ask for the status: the socket cannot be given to group '${group}': ${message(error)}`;
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()); // an error here means that it is closed already
    server.closeAllConnections();
  });
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'the folder is missing; create it, or set FAILOVER_RUNTIME_DIRECTORY',
  ENOTDIR: 'the folder is no folder; set FAILOVER_RUNTIME_DIRECTORY to one',
  EACCES: 'writing there is not permitted; run as root, or set FAILOVER_RUNTIME_DIRECTORY',
  EROFS: 'the folder is read-only; set FAILOVER_RUNTIME_DIRECTORY to one that is not',
};

function explain(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // libuv reports a missing folder as EACCES when it binds a socket.
  const missing = code === 'EACCES' && lstatSync(dirname(path), { throwIfNoEntry: false }) === undefined;
  const cause = causes[missing ? 'ENOENT' : code] ?? message(error);
  return `the control socket ${path} cannot be opened: ${cause}`;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
