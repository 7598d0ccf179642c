/** What the reader's terminal can show. */
export interface TerminalStyle {
  readonly columns: number;
  readonly colour: boolean;
  readonly unicode: boolean;
}

/** The visual emphasis of a piece of text. */
export type Tone = 'good' | 'bad' | 'warn' | 'strong' | 'faint';

const codes: Readonly<Record<Tone, number>> = { good: 32, bad: 31, warn: 33, strong: 1, faint: 2 };

/** How to show things on a stream: colours only on a terminal and without NO_COLOR, marks by the locale. */
export function terminalStyle(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): TerminalStyle {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    columns: Math.min(Math.max(stream.columns || 80, 40), 120),
    colour: stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    unicode: /utf-?8/i.test(locale),
  };
}

/** The text in the colour of its tone, where there are colours. */
export function paint(tone: Tone | undefined, text: string, { colour }: TerminalStyle): string {
  return colour && tone !== undefined && text !== '' ? `\x1b[${codes[tone]}m${text}\x1b[0m` : text;
}

/** Between words, but not between a figure and its unit. */
const breaks = / (?!(?<=\d )(?:ms|s|min|h|d|B|kB|MB|GB|%)(?![^\s).,;:]))/;

/**
 * Text broken into lines that fit, each indented. Control characters, which quoted reasons may contain, never
 * reach the terminal. A word that is too long for a line stays whole.
 */
export function wrap(text: string, indent: string, { columns }: TerminalStyle): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text).split(breaks)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}

/** At most `most` of some lines; the last one kept says by `…` that there are more. */
export function clip(
  lines: readonly string[],
  most: number,
  { unicode, columns }: TerminalStyle,
): readonly string[] {
  if (lines.length <= most) return lines;
  const mark = unicode ? '…' : '...';
  const last = lines[most - 1] ?? '';
  const room = columns - mark.length - 1;
  return [...lines.slice(0, most - 1), `${last.slice(0, room).trimEnd()} ${mark}`];
}

/** The text without line ends and terminal codes. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{Cc}/gu, '?');
}

/** A moment in local time, to the second: `2026-11-20 13:04:05`. */
export function moment(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? '?' : local.toISOString().replace('T', ' ').slice(0, 19);
}
