import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../models/message-of.ts';
import { count } from '../core/format.ts';
import type { Output } from './output.ts';
import { paint, type TerminalStyle, wrap } from './terminal.ts';

const screenOn = '\x1b[?1049h\x1b[?25l\x1b[?7l'; // the alternate screen, no cursor, long lines truncated
const screenOff = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/**
 * Shows a page once a second, until `q`, Ctrl-C or `signal`. On a terminal each line is drawn over the previous
 * one and only then the rest of the old page is cleared: nothing flickers. Elsewhere pages follow each other.
 * A page that fails is replaced by its error, and tried again.
 */
export async function watchPage(
  page: () => Promise<string>,
  { output, signal }: { output: Output; signal?: AbortSignal },
): Promise<void> {
  const ending = endOf(signal);
  const isScreen = process.stdout.isTTY === true && !output.json;
  const release = isScreen ? takeScreen(ending.end) : (): void => undefined;
  try {
    while (!ending.signal.aborted) {
      const text = await attempt(page, output);
      if (isScreen) await draw(text, output.look);
      else if (text !== '') output.print(output.json ? text : `${text}\n`);
      await sleep(1000, undefined, { signal: ending.signal }).catch(() => undefined); // cut short by the end
    }
  } finally {
    release();
    ending.forget();
  }
}

/** Takes the screen and the keys. Returns what gives both back. */
function takeScreen(end: () => void): () => void {
  process.stdout.write(screenOn);
  const release = onKeys(end);
  return () => {
    release();
    process.stdout.write(screenOff);
  };
}

const endingKeys = ['q', 'Q', '\x03']; // the last is Ctrl-C, in raw mode a character like others

/** Calls `end` when q or Ctrl-C is pressed, without waiting for Enter. Returns what restores the terminal. */
function onKeys(end: () => void): () => void {
  const { stdin } = process;
  if (stdin.isTTY !== true) return () => undefined; // Ctrl-C is a signal then
  const pressed = (keys: Buffer): void => {
    if (endingKeys.some((key) => keys.includes(key))) end();
  };
  stdin.setRawMode(true).on('data', pressed);
  return () => {
    stdin.off('data', pressed).setRawMode(false).pause();
  };
}

/** Aborts on Ctrl-C, SIGTERM, a reader that went away, or `signal`; `forget` removes the listeners. */
function endOf(signal: AbortSignal | undefined): {
  signal: AbortSignal;
  end: () => void;
  forget: () => void;
} {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  process.stdout.once('error', end);
  signal?.addEventListener('abort', end);
  if (signal?.aborted) end();
  const forget = (): void => {
    process.removeListener('SIGINT', end).removeListener('SIGTERM', end);
    process.stdout.removeListener('error', end);
    signal?.removeEventListener('abort', end);
  };
  return { signal: stop.signal, end, forget };
}

/** In JSON, errors are kept separate from the pages. */
async function attempt(page: () => Promise<string>, output: Output): Promise<string> {
  try {
    return await page();
  } catch (error) {
    const message = `failover: ${messageOf(error)}`;
    if (!output.json) return wrap(message, '', output.look).join('\n');
    output.complain(message);
    return '';
  }
}

async function draw(text: string, look: TerminalStyle): Promise<void> {
  const { lines, hint } = fit(text.split('\n'), process.stdout.rows || 24);
  const frame = `\x1b[H${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J${paint('faint', hint, look)}`;
  if (!process.stdout.write(frame)) await once(process.stdout, 'drain');
}

/** As many lines as fit on a screen of `rows` above its last one, which says how to leave, and what is missing. */
export function fit(
  lines: readonly string[],
  rows: number,
): { readonly lines: readonly string[]; readonly hint: string } {
  const room = Math.max(0, rows - 1);
  const hidden = Math.max(0, lines.length - room);
  const missing = hidden === 0 ? '' : `; ${count(hidden, 'more line')}: make the window taller`;
  return { lines: lines.slice(0, room), hint: `q ends this${missing}` };
}
