import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { daemonCommand } from '../process/program.ts';
import { startInside } from './namespace.ts';
import { now } from './now.ts';
import { waitFor } from './wait-for.ts';

/** A daemon that runs in the lab's router. */
export interface LabDaemon {
  readonly pid: number;
  /** What it has printed so far, both streams, in order of arrival. */
  readonly lines: readonly string[];
  /** Undefined while it runs; its exit status, or 128 + the signal that ended it, afterwards. */
  readonly exitCode: number | undefined;
  /**
   * Resolves with the first line that matches, past or future. @throws {Error} after `timeoutMs` @default
   * 10000
   */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Asks it to end. Resolves with its exit status and how long it took. @throws {Error} after 10 s */
  stop(): Promise<{ readonly code: number; readonly ms: number }>;
  /** Sends a signal; resolves when it has ended, for signals that end. @default 'SIGKILL' */
  kill(signal?: 'SIGKILL' | 'SIGTERM' | 'SIGHUP' | 'SIGINT'): Promise<void>;
}

const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** How a daemon is started: `args` follow `failover run`, `before` are words before it, as of setpriv(1). */
export interface DaemonCommand {
  readonly args: readonly string[];
  readonly before?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Starts one in the router. */
export function startDaemon({ args, before = [], env, cwd }: DaemonCommand): LabDaemon {
  const command = [...before, ...daemonCommand, ...args];
  const child = startInside('router', command, { env, cwd });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  child.stdin.on('error', () => undefined); // it reads no input
  return {
    pid: child.pid ?? 0,
    lines,
    get exitCode() {
      return exitCode(child);
    },
    line: (pattern, timeoutMs = 10_000) =>
      waitFor(() => lines.find((line) => pattern.test(line)), {
        timeoutMs,
        what: () => `a line like ${pattern} from the daemon, which said:\n${lines.slice(-20).join('\n')}`,
      }),
    async stop() {
      const from = now();
      child.kill('SIGTERM');
      const code = await ended(child, lines);
      return { code, ms: now() - from };
    },
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      if (signal !== 'SIGHUP') await ended(child, lines);
    },
  };
}

function exitCode(child: ChildProcessWithoutNullStreams): number | undefined {
  if (child.signalCode !== null) return 128 + (signalNumbers[child.signalCode] ?? 0);
  return child.exitCode ?? undefined;
}

async function ended(child: ChildProcessWithoutNullStreams, lines: readonly string[]): Promise<number> {
  const running = (): boolean => exitCode(child) === undefined;
  if (running()) {
    await once(child, 'exit', { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
      throw new Error(`The daemon did not end within 10 s; it said:\n${lines.slice(-20).join('\n')}`, {
        cause,
      });
    });
  }
  return exitCode(child) ?? 0;
}
