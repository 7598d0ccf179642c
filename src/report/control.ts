/**
 * The daemon's answers to `status`, `why`, `history` and Prometheus: HTTP over a Unix socket that root and one group
 * may use.
 */
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Decision } from '../../models/decision.ts';
import { messageOf } from '../../models/message-of.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import { groupId } from './group.ts';
import type { Reply } from './http-server.ts';
import { openUnixServer } from './unix-server.ts';

/** What can be queried. Each is called once per query and may throw; the client gets the error. */
export interface Answers {
  snapshot(): Snapshot | Promise<Snapshot>;
  decisions(): readonly Decision[];
  /** `accept`: the header with the formats that the client reads. */
  metrics(accept: string | undefined): Promise<Text>;
}

/** A text and its media type. */
export interface Text {
  readonly contentType: string;
  readonly text: string;
}

/** An open socket. `note` says why the group has no access, if it has none. */
export interface Control {
  readonly note: string | undefined;
  /** Ends every connection and removes the socket file. Never rejects. */
  close(): Promise<void>;
}

/**
 * Opens the socket at `path` with mode 0660. `group`: name or number of the group that may query besides
 * root. Never rejects: an obstacle is returned as `problem`, a sentence, and the daemon goes on without
 * answering.
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
  const server = await openUnixServer({
    path,
    mode: 0o660,
    idleMs: 5000,
    answer: (request) => answer(request, answers),
  });
  return 'problem' in server ? server : { ...server, note: admit(path, group) };
}

async function answer({ method, url, headers }: IncomingMessage, answers: Answers): Promise<Reply> {
  if (method !== 'GET') return [405, { problem: `only GET is answered, not ${method}` }];
  if (url === '/snapshot') return [200, await answers.snapshot()];
  if (url === '/decisions') return [200, answers.decisions()];
  if (url === '/metrics') {
    const { text, contentType } = await answers.metrics(headers.accept);
    return [200, text, contentType];
  }
  return [404, { problem: 'only /snapshot, /decisions and /metrics are answered' }];
}

/** Gives the group access; returns a note if that fails. */
function admit(path: string, group: string | undefined): string | undefined {
  if (group === undefined) return 'only root may ask for the status: no group is set (FAILOVER_GROUP)';
  try {
    const id = groupId(readFileSync('/etc/group', 'utf8'), group);
    if (id === undefined)
      return `only root may ask for the status: there is no group "${group}"; create it with "groupadd ${group}"`;
    chownSync(path, process.geteuid?.() ?? 0, id);
    chmodSync(path, 0o660); // a change of owner may clear bits
    return undefined;
  } catch (error) {
    return `only root may ask for the status: the socket cannot be given to group "${group}": ${messageOf(error)}`;
  }
}
