/** Commands to the daemon, besides its files: HTTP over a Unix socket that root alone may use. */
import type { IncomingMessage } from 'node:http';
import type { Trial } from '../../models/snapshot.ts';
import type { Reply } from './http-server.ts';
import { openUnixServer } from './unix-server.ts';

/** The commands, each of which rejects with `CommandRejected` when it cannot be carried out. */
export interface ControlCommands {
  /** Starts a trial, of this length, of the trial file next to the configuration. */
  apply(forMs: number): Promise<Trial>;
  /** The configuration on trial, as it was read at the start. */
  trial(): Promise<TrialText>;
  /** Ends the trial; the daemon's own file must hold what was on trial. */
  confirm(): Promise<Trial>;
  /** Ends the trial, and restores the earlier configuration. */
  revert(): Promise<Trial>;
}

/** What others know about devices. */
export interface LeaseCommands {
  /** Takes a report as `failover tell` sends it, not yet validated. Throws `CommandRejected` for mistakes. */
  lease(report: object): LeaseReply;
}

/** The ids of the providers on the device of a report. */
export interface LeaseReply {
  readonly providers: readonly string[];
}

/** A configuration on trial, the file that is to hold it, and its text. */
export interface TrialText extends Trial {
  readonly configFile: string;
  readonly text: string;
}

/** A command that cannot be carried out; the message is a sentence for people. */
export class CommandRejected extends Error {
  readonly isBadConfig: boolean; // there are mistakes in the configuration

  constructor(message: string, { isBadConfig = false } = {}) {
    super(message);
    this.isBadConfig = isBadConfig;
  }
}

/** Those who carry the commands out. */
interface Orders {
  readonly trials: ControlCommands;
  readonly leases: LeaseCommands;
}

const mostBytes = 1000;
const idleMs = 30_000; // loading a configuration may take 10 s

/**
 * Opens the socket at `path` with mode 0600. Never rejects: an obstacle is returned as `problem`, a sentence.
 */
export function openControlCommands(
  path: string,
  orders: Orders,
): Promise<{ close(): Promise<void> } | { readonly problem: string }> {
  return openUnixServer({ path, mode: 0o600, idleMs, answer: (request) => answer(request, orders) });
}

async function answer(request: IncomingMessage, { trials, leases }: Orders): Promise<Reply> {
  try {
    switch (`${request.method} ${request.url}`) {
      case 'POST /apply':
        return [200, await trials.apply(durationIn(await bodyOf(request)))];
      case 'GET /trial':
        return [200, await trials.trial()];
      case 'POST /confirm':
        return [200, await trials.confirm()];
      case 'POST /revert':
        return [200, await trials.revert()];
      case 'POST /lease':
        return [200, leases.lease(recordIn(await bodyOf(request)))];
      default:
        return [404, { problem: 'only POST /apply, /confirm, /revert, /lease and GET /trial are answered' }];
    }
  } catch (error) {
    if (error instanceof CommandRejected) return [error.isBadConfig ? 422 : 409, { problem: error.message }];
    throw error;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > mostBytes) throw new CommandRejected(`a command has at most ${mostBytes} bytes`);
  }
  return text;
}

function recordIn(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // answered below
  }
  throw new CommandRejected(`a report is a JSON object, not "${body.slice(0, 100)}"`);
}

/** At most a day, which a timer can hold. */
function durationIn(body: string): number {
  const forMs = Number(body);
  if (forMs >= 1000 && forMs <= 86_400_000) return forMs;
  throw new CommandRejected(`a trial lasts from 1 s to 24 h, in ms, not "${body}"`);
}
