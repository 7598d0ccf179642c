/** `failover run --record FILE`: every event the core handles, and every decision it makes, as JSON lines. */
import { type FileHandle, lstat, open } from 'node:fs/promises';
import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import { messageOf } from '../../models/message-of.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import type { Memory } from '../core/state/memory.ts';
import { keepAside } from './keep-aside.ts';

/** Version of the lines; raised when an older `replay` would misread them. */
export const recordingFormat = 1;

/** The core's initial input: the arguments of `initial`. */
export interface Beginning {
  readonly at: Instant;
  readonly version: string;
  readonly config: Config;
  readonly memory: Memory | undefined;
}

/** Accepts everything immediately and writes it when it can. No function waits or throws. */
export interface Recorder {
  /** An event, before the core handles it. */
  event(event: Event): void;
  /** A decision of the core on the latest event. Those that the daemon makes itself do not belong here. */
  decision(decision: Decision): void;
  /** Writes the rest, for at most `timeoutMs` (@default 500), and closes the file. Never rejects. */
  close(timeoutMs?: number): Promise<void>;
}

const backlogLimit = 16 << 20; // characters waiting for the disk

/**
 * Starts a recording. A file of that name is kept as `FILE.old`, see `keep-aside`. When the file cannot be written, or the disk
 * is too slow, the recording ends with one call of `warn`; nothing else happens.
 */
export function createRecorder(
  file: string,
  beginning: Beginning,
  { warn }: { warn: (sentence: string) => void },
): Recorder {
  let waiting: string[] = [];
  let waitingLength = 0;
  let hasEnded = false;
  let writing: Promise<void> | undefined;
  let handle: FileHandle | undefined;

  const end = (reason: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    waiting = [];
    warn(`the recording to ${file} ended: ${reason}; the daemon goes on without it`);
  };
  const flush = async (): Promise<void> => {
    try {
      handle ??= await openFresh(file);
      while (waiting.length > 0) {
        const text = waiting.join('');
        waiting = [];
        waitingLength = 0;
        await handle.appendFile(text);
      }
    } catch (error) {
      end(messageOf(error));
    }
    writing = undefined;
  };
  const put = (line: object): void => {
    if (hasEnded) return;
    const text = `${JSON.stringify(line, plain)}\n`;
    waiting.push(text);
    waitingLength += text.length;
    if (waitingLength > backlogLimit) end(`the disk is too slow, ${waitingLength} bytes are waiting for it`);
    else writing ??= flush();
  };

  put({ type: 'start', format: recordingFormat, ...beginning });
  return {
    event: put,
    decision: (decision) => put({ type: 'decision', ...decision }),
    close: async (timeoutMs = 500) => {
      await soon(writing, timeoutMs);
      hasEnded = true;
      // a disk that fails now has been reported above
      await soon(handle?.close(), timeoutMs).catch(() => undefined);
    },
  };
}

async function openFresh(file: string): Promise<FileHandle> {
  const present = await lstat(file).catch(() => undefined); // missing; any other problem `open` will report
  if (present?.isFile() && present.size > 0) await keepAside(file);
  return open(file, 'w');
}

/** What a recording keeps of a scenario: all that the core knows of it. */
export type RecordedScenarioFields = Pick<
  TestScenario,
  'name' | 'families' | 'everyMs' | 'asksBeyondGateway' | 'isOneRoundTrip'
>;

function plain(key: string, value: unknown): unknown {
  if (key !== 'testScenarios' || !Array.isArray(value)) return value;
  // This key occurs only in configurations, where it holds scenarios.
  return (value as TestScenario[]).map(
    ({ name, families, everyMs, asksBeyondGateway, isOneRoundTrip }): RecordedScenarioFields => ({
      name,
      families,
      everyMs,
      asksBeyondGateway,
      isOneRoundTrip,
    }),
  );
}

function soon(promise: Promise<void> | undefined, timeoutMs: number): Promise<void> {
  if (promise === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
