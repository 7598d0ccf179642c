/** Lines for people: one per fact, sentence first, then the reason, then `key=value`. */
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Decision } from '../../models/decision.ts';
import { shortenCommands } from '../core/report/decisions.ts';

/**
 * `err`: the operator must act; `warning`: degraded; `notice`: a decision changed; `info`: start, stop,
 * reload; `debug`: each check.
 */
export type Level = 'err' | 'warning' | 'notice' | 'info' | 'debug';

/**
 * `journald`: each line begins with its level as sd-daemon(3) defines; `plain`: with the time and the level's
 * name; `terminal`: the same, without the values that programs read.
 */
export type JournalStyle = 'journald' | 'plain' | 'terminal';

/** Figures that follow a sentence as `key=value`; `undefined` ones are omitted. */
export type Values = Readonly<Record<string, number | string | boolean | undefined>>;

/** Where facts are logged. Neither function waits or throws, even when the reader is gone. */
export interface Journal {
  decide(decision: Decision): void;
  say(level: Level, sentence: string, values?: Values): void;
}

/** sd-daemon(3): the numbers of syslog(3). */
const priority: Readonly<Record<Level, number>> = { err: 3, warning: 4, notice: 5, info: 6, debug: 7 };

/**
 * Makes a journal that hands lines without their newline to `write` (see `lineWriter`). Facts below
 * `level` are omitted. `now` @default the wall clock, for lines that carry no time of their own
 */
export function createJournal({
  write,
  level,
  style,
  now = Date.now,
}: {
  write(line: string): void;
  level: Level;
  style: JournalStyle;
  now?: () => number;
}): Journal {
  const isLogged = (weight: Level): boolean => priority[weight] <= priority[level];
  const values = (text: string, spelt: string): string => (style === 'terminal' ? text : join(text, spelt));
  const put = (at: number, weight: Level, text: string): void => {
    const prefix = style === 'journald' ? `<${priority[weight]}>` : `${clock(at)} ${weight.padEnd(7)} `;
    try {
      write(`${prefix}${oneLine(text)}`);
    } catch {
      // A vanished reader is no reason to stop deciding, and leaves nowhere to report this.
    }
  };
  return {
    decide(decision) {
      if (!isLogged(decision.severity)) return;
      const text = sentenceOf(decision, isLogged('debug'));
      put(decision.at, decision.severity, values(text, valuesOf(decision)));
    },
    say(weight, sentence, figures = {}) {
      if (isLogged(weight)) put(now(), weight, values(sentence, spellValues(figures)));
    },
  };
}

/** `IPv4 moves from fibre to lte: failover: …`. Commands that only follow a decision are details; others happened. */
function sentenceOf({ severity, sentence, reason, commands = [] }: Decision, withDetails: boolean): string {
  const ran = severity === 'info' && !withDetails ? '' : shortenCommands(commands);
  return [sentence, reason === '' ? ran : reason].filter((text) => text !== '').join(': ');
}

function valuesOf({ id, kind, provider, family, from, to, numbers }: Decision): string {
  return spellValues({ kind, provider, family, from, to, ...numbers, id });
}

/** The style for a descriptor: journald's when `JOURNAL_STREAM` (systemd.exec(5)) says that it is connected to it. */
export function journalStyle(env: Readonly<Record<string, string | undefined>>, fd: number): JournalStyle {
  if (isatty(fd)) return 'terminal';
  const [device, inode] = (env['JOURNAL_STREAM'] ?? '').split(':');
  if (!device || !inode) return 'plain';
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return String(dev) === device && String(ino) === inode ? 'journald' : 'plain';
  } catch {
    return 'plain'; // a closed descriptor is connected to nothing
  }
}

function join(text: string, values: string): string {
  return values === '' ? text : `${text} ${values}`;
}

function spellValues(values: Values): string {
  return Object.entries(values)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${spellValue(value)}`]))
    .join(' ');
}

function spellValue(value: number | string | boolean): string {
  const text = typeof value === 'number' ? String(Number(value.toFixed(3))) : String(value);
  return /^[^\s="\\]+$/.test(text) ? text : JSON.stringify(text);
}

/** Reasons may quote foreign text, whose line ends and terminal codes must not forge lines of ours. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' ').replaceAll(/\p{Cc}/gu, '?');
}

/** Local time of day to the millisecond, with the date: terminals stay open for days. */
function clock(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '-';
  const local = new Date(at - date.getTimezoneOffset() * 60_000);
  return local.toISOString().replace('T', ' ').slice(0, 23);
}
