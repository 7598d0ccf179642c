import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family } from '../models/path.ts';
import type { Lab } from '../src/lab/lab.ts';
import { startInside } from '../src/lab/namespace.ts';
import { now } from '../src/lab/now.ts';
import { waitFor } from '../src/lab/wait-for.ts';

/**
 * A kernel event in the router, at the instant it was read from the socket (Unix epoch, ms with a fraction).
 */
export type FibEvent =
  | { readonly at: number; readonly type: 'carrier'; readonly device: string; readonly present: boolean }
  | { readonly at: number; readonly type: 'default'; readonly family: Family; readonly device: string };

/** The kernel's own events: carriers, and which device has the first default route in `main`. */
export interface Fib {
  readonly events: readonly FibEvent[];
  /**
   * Resolves with the first matching event at or after `from`. @throws {Error} after `timeoutMs` @default
   * 10000
   */
  next(from: number, fits: (event: FibEvent) => boolean, timeoutMs?: number): Promise<FibEvent>;
  close(): void;
}

const startMetric = 100;
// in an unused table: its events show that the monitor is listening
const sign = 'unreachable 192.0.2.78 table 4243';

/** Watches the router of a lab; resolves once nothing can be missed. */
export async function watchFib(lab: Lab): Promise<Fib> {
  const events: FibEvent[] = [];
  let listening = false;
  const monitor = startInside('router', ['ip', '-ts', '-N', '-o', 'monitor', 'link', 'route'], {
    env: { TZ: 'UTC' },
  });
  monitor.stderr.resume();
  createInterface({ input: monitor.stdout }).on('line', (line) => {
    listening = true;
    events.push(...read(line));
  });
  for (const deadline = now() + 10_000; !listening; ) {
    if (now() > deadline) throw new Error('"ip monitor" in the router reported no event within 10 s');
    await lab.ip(`route replace ${sign}`);
    await sleep(20);
    await lab.ip(`route del ${sign}`);
  }
  return {
    events,
    next: (from, fits, timeoutMs = 10_000) =>
      waitFor(() => events.find((event) => event.at >= from && fits(event)), {
        timeoutMs,
        everyMs: 5,
        what: () =>
          `The awaited event (since then: ${JSON.stringify(events.filter(({ at }) => at >= from))})`,
      }),
    close: () => monitor.kill('SIGKILL'),
  };
}

/** The event in a line of `ip -ts -N -o monitor`, if it is one we follow. */
function read(line: string): FibEvent[] {
  const [, stamp, text = ''] = /^\[(\S+)\] (.*)$/.exec(line) ?? [];
  if (stamp === undefined || text.startsWith('Deleted ')) return [];
  const at = readStamp(stamp);
  const [, linked, flags = ''] = /^\d+: ([^:@]+)[^<]*<([^>]*)>/.exec(text) ?? [];
  if (linked !== undefined)
    return [{ at, type: 'carrier', device: linked, present: flags.includes('LOWER_UP') }];
  const device = / dev (\S+)/.exec(text)?.[1];
  if (!/^default\s/.test(text) || / table (?!254\b)\S+/.test(text) || device === undefined) return [];
  if (Number(/ metric (\d+)/.exec(text)?.[1] ?? 0) !== startMetric) return [];
  return [{ at, type: 'default', family: / via \S*:/.test(text) ? 6 : 4, device }];
}

/** `2026-11-20T13:09:28.873087`, in UTC. */
function readStamp(stamp: string): number {
  const [seconds = '', fraction = '0'] = stamp.split('.');
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction}`) * 1000;
}
