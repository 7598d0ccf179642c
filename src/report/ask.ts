/** The other end of the control socket. */
import { readFileSync, statSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Decision } from '../../models/decision.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import { controlFormat, formatHeader } from './control-format.ts';
import { groupName } from './group.ts';

const answerLimitBytes = 64 << 20;

/** Why there is no answer. `message` is a sentence for people that says what to do. */
export class AskError extends Error {
  readonly kind: 'no daemon' | 'not permitted' | 'hung' | 'other version' | 'failed';

  constructor(kind: AskError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What each question is answered with. */
export interface Replies {
  readonly snapshot: Snapshot;
  readonly decisions: readonly Decision[];
}

/** Asks the daemon that listens at `path`. `timeoutMs` @default 3000. @throws {AskError} */
export async function ask<What extends keyof Replies>(
  path: string,
  what: What,
  { timeoutMs = 3000 }: { timeoutMs?: number } = {},
): Promise<Replies[What]> {
  const asking = request({ socketPath: path, path: `/${what}`, agent: false });
  asking.on('error', () => undefined); // told by `arrival`, or caused by `destroy` below
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    asking.destroy();
  }, timeoutMs);
  try {
    const response = await arrival(asking.end());
    refuseOtherVersion(response);
    const text = await read(response);
    if (response.statusCode !== 200) throw refused(text);
    return JSON.parse(text); // of our own format, as its header said: its shape is as written
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

function refused(text: string): AskError {
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
      `no daemon is running: nobody answers at ${path}. Start it: systemctl start failover, or in the foreground: failover run`,
    );
  if (code === 'EACCES' || code === 'EPERM')
    return new AskError(
      'not permitted',
      `you may not ask the daemon at ${path}: only root and ${groupOf(path)} may. Run it with sudo, or join the group`,
    );
  const message = error instanceof Error ? error.message : String(error);
  return new AskError('failed', `asking the daemon at ${path} failed: ${message}`);
}

function groupOf(path: string): string {
  try {
    const { gid } = statSync(path);
    const name = groupName(readFileSync('/etc/group', 'utf8'), gid) ?? String(gid);
    return gid === 0 ? 'the group set by FAILOVER_GROUP (none is set)' : `members of the group '${name}'`;
  } catch {
    return 'members of its group'; // the folder hides it: there is no telling which
  }
}
