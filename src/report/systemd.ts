/** What systemd learns from the daemon (sd_notify(3)): ready, one line of status, alive, reloading, stopping. */
import { run } from '../kernel/exec.ts';
import { LibcError, sendUnixDatagram } from '../kernel/libc.ts';

/** The daemon's side of the talk with systemd. Nothing waits; without systemd nothing happens. */
export interface Supervised {
  /** It does its work; from now on it sends systemd signs of life, at half the interval required. */
  ready(): void;
  /** It reads its configuration again; `ready` ends that. */
  reloading(): void;
  /** It is about to end; no more signs of life are sent. */
  stopping(): void;
}

/** Where messages go. @throws {Error} in its own way */
export type Send = (path: string, message: string) => void;

const statusMs = 2000; // a status line may be that old

/**
 * Begins to talk to systemd when the environment names its socket. `status` is asked for one line before each sign
 * of life: a daemon that sends none any more, because it hangs or throws, is restarted.
 * `send` @default through libc, or else the program systemd-notify
 */
export function supervise(
  env: Readonly<Record<string, string | undefined>>,
  { status, warn, send = sendAnyhow }: { status(): string; warn(sentence: string): void; send?: Send },
): Supervised {
  const path = env['NOTIFY_SOCKET'];
  if (!path) return silent;
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  let warned = false;
  const tell = (...lines: readonly string[]): void => {
    try {
      send(path, lines.join('\n'));
    } catch (error) {
      if (!warned) warn(`systemd cannot be told how this goes: ${String(error)}`);
      warned = true;
    }
  };
  const beat = (alive: readonly string[]): void => {
    const line = `STATUS=${oneLine(status())}`;
    const news = line === said ? [] : [line];
    said = line;
    if (alive.length + news.length > 0) tell(...alive, ...news);
  };
  return {
    ready: () => {
      clearInterval(timer);
      beat(['READY=1']);
      timer = heartbeat(watchdogMs(env), beat);
    },
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => {
      clearInterval(timer);
      tell('STOPPING=1', 'STATUS=stopping');
    },
  };
}

const silent: Supervised = { ready: () => undefined, reloading: () => undefined, stopping: () => undefined };

/** Signs of life at half the interval, the status line in between when it changed. */
function heartbeat(watchdog: number | undefined, beat: (alive: readonly string[]) => void): NodeJS.Timeout {
  const everyMs = Math.min(statusMs, (watchdog ?? Number.POSITIVE_INFINITY) / 2);
  let lastAlive = Date.now();
  const timer = setInterval(() => {
    const isDue = watchdog !== undefined && Date.now() - lastAlive >= watchdog / 2 - everyMs;
    if (isDue) lastAlive = Date.now();
    beat(isDue ? ['WATCHDOG=1'] : []);
  }, everyMs);
  return timer.unref();
}

/** The time within which systemd wants a sign of life; undefined when it wants none, or from another process. */
function watchdogMs(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const us = Number(env['WATCHDOG_USEC']);
  const isMeant = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  return Number.isFinite(us) && us > 0 && isMeant ? us / 1000 : undefined;
}

/** Where libc cannot be reached, systemd-notify sends it; the unit lets children of ours do that. */
function sendAnyhow(path: string, message: string): void {
  try {
    sendUnixDatagram(path, message);
  } catch (error) {
    if (!(error instanceof LibcError) || error.code !== 'EKOFFI') throw error;
    const words = message.split('\n');
    run('systemd-notify', words, { env: { NOTIFY_SOCKET: path } }).catch(() => undefined); // systemd misses us, and says so
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
