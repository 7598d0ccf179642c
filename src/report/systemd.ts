/** What is reported to systemd (sd_notify(3)): ready, one line of status, alive, reloading, stopping. */
import { run } from '../kernel/exec.ts';
import { LibcError, sendUnixDatagram } from '../kernel/libc.ts';

/** The daemon's side of the talk with systemd. Nothing waits; without systemd nothing happens. */
export interface Supervised {
  /** It does its work. From the first time on, signs of life follow at half the interval that systemd requires. */
  ready(): void;
  /** It reads its configuration again; `ready` ends that. Signs of life go on meanwhile. */
  reloading(): void;
  /** It is about to end: no more signs of life. */
  stopping(): void;
}

/** Where messages go. @throws {Error} in its own way */
export type Send = (path: string, message: string) => void;

const statusMs = 2000; // a status line may be that old

/** What `supervise` works with. */
export interface SupervisionParts {
  /** One line, asked for before each sign of life: a daemon that cannot give it, because it hangs or throws, is restarted. */
  status(): string;
  warn(sentence: string): void;
  readonly send?: Send; // @default through libc, or else the program systemd-notify
  readonly now?: () => number; // ms that never step. @default performance.now
}

/** Begins to talk to systemd when the environment names its socket. */
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
      if (!warned) warn(`systemd cannot be told how this goes: ${String(error)}`);
      warned = true;
    }
  };
  /** The status line where it changed, and a sign of life where one is due. */
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
      timer ??= setInterval(beat, everyMs).unref(); // the same over all reloads: none of them delays a sign of life
    },
    reloading: () => say('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => {
      clearInterval(timer);
      say('STOPPING=1', 'STATUS=stopping');
    },
  };
}

const silent: Supervised = { ready: () => undefined, reloading: () => undefined, stopping: () => undefined };

/** The time within which systemd requires a sign of life; undefined when it requires none, or from another process. */
function watchdogMs(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const us = Number(env['WATCHDOG_USEC']);
  const isMeant = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  return Number.isFinite(us) && us > 0 && isMeant ? us / 1000 : undefined;
}

/** Where libc cannot be reached, through a program of systemd's; the unit accepts messages of our children. */
function sendAnyhow(path: string, message: string): void {
  try {
    sendUnixDatagram(path, message);
  } catch (error) {
    if (!(error instanceof LibcError) || error.code !== 'EKOFFI') throw error;
    const words = message.split('\n');
    run('systemd-notify', words, { env: { NOTIFY_SOCKET: path } }).catch(() => undefined); // systemd notices that nothing comes, and says so
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
