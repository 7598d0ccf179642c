/** The client of the daemon's sockets. */
import { readFileSync, statSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Decision } from '../../models/decision.ts';
import { messageOf } from '../../models/message-of.ts';
import type { Snapshot, Trial } from '../../models/snapshot.ts';
import type { LeaseReply, TrialText } from './control-commands.ts';
import { controlFormat, formatHeader } from './control-format.ts';
import { groupName } from './group.ts';

const answerLimitBytes = 64 << 20;

/** Why there is no answer. `message` is a sentence for people that says what to do. */
export class AskError extends Error {
  readonly kind:
    | 'no daemon'
    | 'not permitted'
    | 'hung'
    | 'other version'
    | 'refused' // a command that cannot be carried out
    | 'bad config' // because its configuration has mistakes
    | 'failed';

  constructor(kind: AskError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The reply to each query. */
export interface Replies {
  readonly snapshot: Snapshot;
  readonly decisions: readonly Decision[];
}

/** The reply to each command. */
export interface CommandReplies {
  readonly apply: Trial;
  readonly trial: TrialText;
  readonly confirm: Trial;
  readonly revert: Trial;
  readonly lease: LeaseReply;
}

/** Queries the daemon that listens at `path`. `timeoutMs` @default 3000. @throws {AskError} */
export function ask<What extends keyof Replies>(
  path: string,
  what: What,
  { timeoutMs = 3000 }: { timeoutMs?: number } = {},
): Promise<Replies[What]> {
  return exchange(path, { method: 'GET', what, timeoutMs });
}

/**
 * Sends a command to the daemon at `path`, and returns when it has been carried out. `timeoutMs` @default 25000: a
 * configuration that is a program may take 10 s to load. @throws {AskError}
 */
export function order<What extends keyof CommandReplies>(
  path: string,
  what: What,
  body = '',
  { timeoutMs = 25_000 }: { timeoutMs?: number } = {},
): Promise<CommandReplies[What]> {
  return exchange(path, {
    method: what === 'trial' ? 'GET' : 'POST',
    what,
    body,
    timeoutMs,
  });
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly what: string;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** The caller states the answer's type: its header declares our own format, so its shape is as written. */
async function exchange<Answer>(path: string, { method, what, body, timeoutMs }: Question): Promise<Answer> {
  const asking = request({ socketPath: path, path: `/${what}`, method, agent: false });
  asking.on('error', () => undefined); // reported by `arrival`, or caused by `destroy` below
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    asking.destroy();
  }, timeoutMs);
  try {
    const response = await arrival(asking.end(body));
    refuseOtherVersion(response);
    const text = await read(response);
    if (response.statusCode !== 200) throw refused(response.statusCode, text);
    return JSON.parse(text);
  } catch (error) {
    if (isLate) throw hung(path, timeoutMs);
    throw error instanceof AskError ? error : explain(path, error);
  } finally {
    clearTimeout(timer);
    asking.destroy();
  }
}

function arrival(asking: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asking.once('response', resolve);
    asking.once('error', reject);
    asking.once('close', () => reject(new Error('it hung up without an answer')));
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > answerLimitBytes) throw new Error(`the answer is longer than ${answerLimitBytes} bytes`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refuseOtherVersion(response: IncomingMessage): void {
  const format = response.headers[formatHeader];
  if (format === controlFormat) return;
  const theirs = format === undefined ? 'does not say which format it speaks' : `speaks format ${format}`;
  throw new AskError(
    'other version',
    `the daemon is of another version: it ${theirs}, this command speaks format ${controlFormat}. Restart the daemon: systemctl restart failover`,
  );
}

function refused(status: number | undefined, text: string): AskError {
  const problem = /^\{"problem":/.test(text) ? String(JSON.parse(text).problem) : text;
  if (status === 409) return new AskError('refused', problem);
  if (status === 422) return new AskError('bad config', problem);
  return new AskError('failed', `the daemon did not answer the question: ${text.slice(0, 300)}`);
}

function hung(path: string, timeoutMs: number): AskError {
  return new AskError(
    'hung',
    `the daemon at ${path} did not answer within ${timeoutMs / 1000} s: it hangs or is stopped. Look at its journal (journalctl -u failover) and restart it: systemctl restart failover`,
  );
}

function explain(path: string, error: unknown): AskError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR' || code === 'ENOTSOCK')
    return new AskError(
      'no daemon',
      `no daemon is running: nothing answers at ${path}. Start the installed service: systemctl start failover, or the daemon in the foreground: failover run`,
    );
  if (code === 'EACCES' || code === 'EPERM')
    return new AskError('not permitted', `you may not query the daemon at ${path}: only ${whoMay(path)}`);
  const message = messageOf(error);
  return new AskError('failed', `querying the daemon at ${path} failed: ${message}`);
}

function whoMay(path: string): string {
  const [alone, joined] = ['root may. Run it with sudo', 'may. Run it with sudo, or join the group'];
  try {
    const { gid, mode } = statSync(path);
    if ((mode & 0o060) === 0) return alone;
    const name = groupName(readFileSync('/etc/group', 'utf8'), gid) ?? String(gid);
    if (gid === 0) return `${alone}; FAILOVER_GROUP, in the daemon's environment, lets a group query it too`;
    return `root and members of the group "${name}" ${joined}`;
  } catch {
    // the folder hides the socket, so its group cannot be read
    return `root and members of its group ${joined}`;
  }
}
