/** The one line of `sticky.provider`: `ID`, or `ID until 2026-11-20T15:00:00.000Z`. */
import type { Sticky } from './event.ts';
import { idPattern } from './provider.ts';

/** The most characters a sticky file may have; longer ones are not read. */
export const stickyLimit = 4096;

/** The meaning of a sticky file: a pin, no pin (`undefined`), or what is wrong, in words that continue its name. */
export type StickyReading = { readonly sticky: Sticky | undefined } | { readonly problem: string };

/**
 * Reads the content of a sticky file. Spaces, line ends of any kind and a byte order mark around the line are fine;
 * nothing else means that no provider is pinned. Whether the id exists is up to the core.
 */
export function parseSticky(text: string): StickyReading {
  if (text.length > stickyLimit) return { problem: `has more than ${stickyLimit} bytes; ${expected}` };
  const line = text.replace(/^\uFEFF/, '').trim();
  if (line === '') return { sticky: undefined };
  if (/[\r\n]/.test(line)) return { problem: `has more than one line; ${expected}` };
  if (/\p{Cc}/u.test(line.replaceAll('\t', ' ')))
    return { problem: `has control characters in it; ${expected}` };
  const [id = '', ...rest] = line.split(/\s+/);
  if (!idPattern.test(id))
    return { problem: `says "${shorten(id)}", which cannot be a provider's id; ${expected}` };
  return rest.length === 0 ? { sticky: { id, until: undefined } } : timed(id, rest);
}

/** The content of a sticky file that pins a provider. */
export function formatSticky({ id, until }: Sticky): string {
  return until === undefined ? `${id}\n` : `${id} until ${new Date(until).toISOString()}\n`;
}

const expected = `expected a provider's id, or "ID until 2026-11-20T15:00:00Z"`;

/** A time without its zone would mean one thing in the operator's shell and another in the daemon. */
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

function timed(id: string, [word, time, ...more]: readonly string[]): StickyReading {
  if (word !== 'until' || time === undefined || more.length > 0)
    return { problem: `has several words; ${expected}` };
  const until = timePattern.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(until))
    return {
      problem: `says until "${shorten(time)}", which is not a time with a zone, such as 2026-11-20T15:00:00Z`,
    };
  return { sticky: { id, until } };
}

function shorten(word: string): string {
  return word.length > 40 ? `${word.slice(0, 39)}…` : word;
}
