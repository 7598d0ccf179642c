import { join } from 'node:path';
import type { Family } from '../models/path.ts';
import type { PathSnapshot, Snapshot } from '../models/snapshot.ts';
import { createLab, type Lab } from '../src/lab/lab.ts';
import type { LabDaemon } from '../src/lab/lab-daemon.ts';
import type { RouteWatch } from '../src/lab/route-watch.ts';
import { ask } from '../src/report/ask.ts';
import { type Fib, watchFib } from './fib.ts';
import { trace } from './trace.ts';

/** How benches are run. */
export interface BenchOptions {
  readonly runs: number; // injections per figure
  readonly long: boolean; // also runs that take more than ten minutes
}

/** A lab with a daemon in its router, and their observers. */
export interface Stage {
  readonly lab: Lab;
  readonly daemon: LabDaemon;
  readonly fib: Fib;
  readonly watch: RouteWatch;
  snapshot(): Promise<Snapshot>;
  /**
   * Resolves when the condition holds for the daemon's state. @throws {Error} after `timeoutMs` @default
   * 30000
   */
  until(condition: (snapshot: Snapshot) => boolean, timeoutMs?: number): Promise<Snapshot>;
}

/** How the daemon is started: its arguments, and how it must send its echoes. */
export interface StageOptions {
  readonly args?: readonly string[];
  readonly means?: 'ping sockets' | 'raw sockets'; // @default 'ping sockets'
}

const pingGroupRange = '/proc/sys/net/ipv4/ping_group_range';

/** Three wired ISPs without delay or loss: what is measured is the daemon. */
export const isps = [{ name: 'fibre' }, { name: 'cable' }, { name: 'radio' }] as const;

/**
 * Builds a lab, starts a daemon with these settings on top of the defaults, waits until all is well, and runs
 * `body`. Returns its result, and the time without a default route since all was well.
 */
export async function onStage<T>(
  settings: Readonly<Record<string, unknown>>,
  body: (stage: Stage) => Promise<T>,
  { args = [], means = 'ping sockets' }: StageOptions = {},
): Promise<{ readonly result: T; readonly withoutDefaultMs: number }> {
  const lab = await createLab({ isps });
  try {
    const fib = await watchFib(lab);
    if (means === 'raw sockets') await lab.run('router', ['tee', pingGroupRange], '1 0');
    const daemon = await lab.daemon({ config: lab.config(settings), args });
    const snapshot = (): Promise<Snapshot> => ask(join(lab.folder, 'run', 'control.sock'), 'snapshot');
    const until: Stage['until'] = async (question, timeoutMs = 30_000) => {
      let last: Snapshot | undefined;
      const poll = async (): Promise<Snapshot | false> => {
        last = await snapshot();
        return question(last) && last;
      };
      const what = (): string => `The awaited state (last: ${JSON.stringify(last?.paths.map(brief))})`;
      return await lab.waitFor(poll, { timeoutMs, everyMs: 50, what });
    };
    const { probing } = await until(({ paths }) => paths.length > 0 && paths.every(isWell));
    if (probing.means !== means)
      throw new Error(
        `These figures are about ${means}, but the daemon uses ${probing.means}: ${probing.reason}`,
      );
    const watch = await lab.watchRoutes();
    const result = await body({ lab, daemon, fib, watch, snapshot, until });
    const report = await watch.stop();
    trace(`without a default route: ${JSON.stringify(report)}`);
    if (process.env['FAILOVER_BENCH_TRACE']) for (const event of fib.events) trace(JSON.stringify(event));
    fib.close();
    await daemon.stop();
    return { result, withoutDefaultMs: report[4].withoutDefaultMs + report[6].withoutDefaultMs };
  } finally {
    await lab.close();
  }
}

/** Whether a path could carry traffic, and is not in doubt. */
export function isWell({ health, liveness }: PathSnapshot): boolean {
  return health === 'reliable' && liveness === 'up';
}

/** The provider that carries the traffic of a family. @throws {Error} when none does */
export function carrierOf({ active }: Snapshot, family: Family): string {
  const [carrier] = active[family];
  if (carrier === undefined) throw new Error(`No provider carries the traffic of IPv${family}`);
  return carrier;
}

/** The router's device of an ISP. */
export function deviceOf({ lab }: Stage, name: string): string {
  return lab.isp(name).device;
}

function brief({ path, role, health, liveness }: PathSnapshot): string {
  return `${path} ${role} ${health} ${liveness}`;
}
