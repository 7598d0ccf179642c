import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../models/message-of.ts';
import type { Output } from './output.ts';
import { wrap } from './terminal.ts';

const screenOn = '\x1b[?1049h\x1b[?25l\x1b[?7l'; // the alternate screen, no cursor, long lines truncated
const screenOff = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/**
 * Shows a page once a second, until Ctrl-C or `signal`. On a terminal each line is drawn over the previous
 * one and only then the rest of the old page is cleared: nothing flickers. Elsewhere pages follow each other.
 * A page that fails is replaced by its error, and tried again.
 */
export async function watchPage(
  page: () => Promise<string>,
  { output, signal }: { output: Output; signal?: AbortSignal },
): Promise<void> {
  const ending = endOf(signal);
  const isScreen = process.stdout.isTTY === true && !output.json;
  if (isScreen) process.stdout.write(screenOn);
  try {
    while (!ending.signal.aborted) {
      const text = await attempt(page, output);
      if (isScreen) await draw(text);
      else if (text !== '') output.print(output.json ? text : `${text}\n`);
      await sleep(1000, undefined, { signal: ending.signal }).catch(() => undefined); // cut short by the end
    }
  } finally {
    if (isScreen) process.stdout.write(screenOff);
    ending.forget();
  }
}

/** Aborts on Ctrl-C, SIGTERM, a reader that went away, or `signal`; `forget` removes the listeners. */
function endOf(signal: AbortSignal | undefined): { signal: AbortSignal; forget: () => void } {
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
  return { signal: stop.signal, forget };
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

async function draw(text: string): Promise<void> {
  const shown = fit(text.split('\n'), process.stdout.rows || 24);
  const frame = `\x1b[H${shown.map((line) => `${line}\x1b[K`).join('\n')}\x1b[J`;
  if (!process.stdout.write(frame)) await once(process.stdout, 'drain');
}

/**
 * As many lines as fit on a screen of `rows`, its last row left free if possible; says how many are missing.
 */
export function fit(lines: readonly string[], rows: number): readonly string[] {
  const room = Math.max(1, rows - 1);
  if (lines.length <= room) return lines;
  const hidden = lines.length - (room - 1);
  return [...lines.slice(0, room - 1), `(${hidden} more lines: make the window taller)`];
}
