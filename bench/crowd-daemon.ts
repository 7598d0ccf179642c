import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Snapshot } from '../models/snapshot.ts';
import { startInside } from '../src/lab/namespace.ts';
import { waitFor } from '../src/lab/wait-for.ts';
import { daemonCommand, nodeCommand } from '../src/process/program.ts';
import { ask } from '../src/report/ask.ts';
import type { Crowd } from './crowd.ts';
import type { Observation } from './observed.ts';

/** The real daemon in the router of a crowd, observed. */
export interface CrowdDaemon {
  readonly pid: number;
  /** The process's measurements since the last call. `what`: the measurement to prepare for. */
  observe(what?: 'cpu' | 'delay' | 'heap'): Promise<Observation>;
  snapshot(): Promise<Snapshot>;
  descriptors(): number;
  stop(): Promise<void>;
}

/** How it is started. */
export interface CrowdDaemonOptions {
  readonly args?: readonly string[];
  readonly kind?: 'observed' | 'as the service does'; // the latter cannot be observed. @default 'observed'
}

function command(kind: NonNullable<CrowdDaemonOptions['kind']>): readonly string[] {
  if (kind === 'as the service does') return daemonCommand;
  const [node = '', ...observed] = nodeCommand('bench/observed.ts');
  return [node, '--expose-gc', ...observed, 'run'];
}

/**
 * Starts it; resolves when every provider is reliable. @throws {Error} with its last output when that does
 * not happen
 */
export async function startCrowdDaemon(
  crowd: Crowd,
  settings: Readonly<Record<string, unknown>> = {},
  { args = [], kind = 'observed' }: CrowdDaemonOptions = {},
): Promise<CrowdDaemon> {
  const file = await crowd.writeConfig(crowd.config(settings));
  const child = startInside('router', [...command(kind), '--config', file, ...args], {
    cwd: crowd.folder,
    env: {
      FAILOVER_RUNTIME_DIRECTORY: join(crowd.folder, 'run'),
      FAILOVER_STATE_DIRECTORY: join(crowd.folder, 'state'),
    },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const lines = createInterface({ input: child.stdout });
  const snapshot = (): Promise<Snapshot> => ask(join(crowd.folder, 'run', 'control.sock'), 'snapshot');
  await waitFor(async () => (await snapshot()).paths.every(({ health }) => health === 'reliable'), {
    timeoutMs: 60_000,
    everyMs: 500,
    what: () => `The reliability of all providers (the daemon said: ${said})`,
  });
  return {
    pid: child.pid ?? 0,
    async observe(what = 'cpu') {
      const answer = once(lines, 'line', { signal: AbortSignal.timeout(30_000) });
      child.stdin.write(`${what}\n`);
      const [line] = await answer;
      return JSON.parse(String(line)) as Observation; // our own program prints it
    },
    snapshot,
    descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    async stop() {
      const ended = once(child, 'exit', { signal: AbortSignal.timeout(30_000) });
      child.kill('SIGTERM');
      await ended;
    },
  };
}
