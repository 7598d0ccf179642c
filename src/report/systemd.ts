/** What is reported to systemd (sd_notify(3)): ready, one line of status, alive, reloading, stopping. */
import { run } from '../kernel/exec.ts';
import { LibcError, sendUnixDatagram } from '../kernel/libc.ts';

/** The daemon's notifications to systemd. Nothing waits; without systemd nothing happens. */
export interface Supervised {
  /**
   * The daemon is working. From the first call on, signs of life follow at half the interval that systemd
   * requires.
   */
  ready(): void;
  /** It is reloading its configuration; `ready` ends that. Signs of life continue meanwhile. */
  reloading(): void;
  /** It is about to exit: no more signs of life. */
  stopping(): void;
}

/** Sends a message to systemd's socket. @throws {Error} */
export type Send = (path: string, message: string) => void;

const statusMs = 2000; // a status line may be that old

/** The parameters of `supervise`. */
export interface SupervisionParts {
  /**
   * One line, requested before each sign of life: a daemon that cannot give it, because it hangs or throws,
   * is restarted.
   */
  status(): string;
  warn(sentence: string): void;
  readonly send?: Send; // @default through libc, else the program systemd-notify
  readonly now?: () => number; // ms of a monotonic clock. @default performance.now
}

/** Starts notifying systemd when the environment names its socket. */
export function supervise(
  env: Readonly<Record<string, string | undefined>>,
  { status, warn, send = sendAnyhow, now = () => performance.now() }: SupervisionParts,
): Supervised {
  const path = env['NOTIFY_SOCKET'];
  if (!path) return silent;
  const limitMs = watchdogMs(env);
  const everyMs = Math.min(statusMs, (limitMs ?? Number.POSITIVE_INFINITY) / 2);
  let latestStatus = '';
  let lastAlive = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let warned = false;
  const say = (...lines: readonly string[]): void => {
    try {
      send(path, lines.join('\n'));
    } catch (error) {
      if (!warned) warn(`systemd cannot be notified: ${String(error)}`);
      warned = true;
    }
  };
  /** Sends the status line if it changed, and a sign of life if one is due. */
  const beat = (...first: readonly string[]): void => {
    const line = `STATUS=${oneLine(status())}`;
    const isDue = limitMs !== undefined && (first.length > 0 || now() - lastAlive >= limitMs / 2 - everyMs);
    const lines = [...first, ...(isDue ? ['WATCHDOG=1'] : []), ...(line === latestStatus ? [] : [line])];
    latestStatus = line;
    if (isDue) lastAlive = now();
    if (lines.length > 0) say(...lines);
  };
  return {
    ready: () => {
      beat('READY=1');
      // one timer across all reloads: none of them delays a sign of life
      timer ??= setInterval(beat, everyMs).unref();
    },
    reloading: () => say('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => {
      clearInterval(timer);
      say('STOPPING=1', 'STATUS=stopping');
    },
  };
}

const silent: Supervised = { ready: () => undefined, reloading: () => undefined, stopping: () => undefined };

/**
 * The time within which systemd requires a sign of life; undefined when it requires none, or from another
 * process.
 */
function watchdogMs(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const us = Number(env['WATCHDOG_USEC']);
  const isMeant = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  return Number.isFinite(us) && us > 0 && isMeant ? us / 1000 : undefined;
}

/**
 * Where libc cannot be called, sends through a program of systemd's; the unit accepts messages from our
 * children.
 */
function sendAnyhow(path: string, message: string): void {
  try {
    sendUnixDatagram(path, message);
  } catch (error) {
    if (!(error instanceof LibcError) || error.code !== 'EKOFFI') throw error;
    const words = message.split('\n');
    // systemd notices the missing messages, and says so
    run('systemd-notify', words, { env: { NOTIFY_SOCKET: path } }).catch(() => undefined);
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
