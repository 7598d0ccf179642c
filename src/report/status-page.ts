/** The state of everything on one page, as `failover status` prints it. */
import type { Snapshot, Trial } from '../../models/snapshot.ts';
import { duration } from '../core/format.ts';
import { aboutBoth, areTwins } from '../core/report/both-families.ts';
import { providerLines } from './provider-lines.ts';
import { providerTable } from './provider-table.ts';
import { summarise } from './summary.ts';
import { clip, moment, paint, plain, type TerminalStyle, type Tone, wrap } from './terminal.ts';
import { reasonLines, remarkLines } from './trouble-lines.ts';

/** Instead of a line per provider: all figures of one of them, or of all. */
export interface Details {
  readonly of?: string; // a provider. @default all
}

const tones = { well: 'good', degraded: 'warn', down: 'bad', unknown: 'warn' } as const;

/** Renders a snapshot in lines of at most `look.columns`: the state in a sentence, a line per provider, what is wrong. */
export function statusPage(snapshot: Snapshot, look: TerminalStyle, details?: Details): string {
  const isShort = details === undefined;
  const sections = [
    headline(snapshot, look),
    ...(isShort
      ? [providerTable(snapshot, look), reasonLines(snapshot, look)]
      : [detailLines(snapshot, look, details)]),
    remarkLines(snapshot, look, isShort),
    footer(snapshot, look, isShort),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** The first line of it alone. */
export function statusSentence(snapshot: Snapshot): string {
  return plain(summarise(snapshot).sentence);
}

function headline(snapshot: Snapshot, look: TerminalStyle): string[] {
  const { at, sticky, trial } = snapshot;
  const { sentence, condition } = summarise(snapshot);
  return [
    ...painted(sentence, tones[condition], look),
    ...(sticky === undefined ? [] : painted(pinned(sticky, at), 'warn', look)),
    ...(trial === undefined ? [] : painted(onTrial(trial, at), 'warn', look)),
  ];
}

function painted(text: string, tone: Tone, look: TerminalStyle): string[] {
  return wrap(text, '', look).map((line) => paint(tone, line, look));
}

function pinned({ id, until }: NonNullable<Snapshot['sticky']>, at: number): string {
  const end =
    until === undefined ? '' : ` until ${moment(until)} (${duration(Math.max(0, until - at))} left)`;
  return `Pinned to ${id}${end}; "failover unpin" ends it.`;
}

function onTrial({ file, until }: Trial, at: number): string {
  const left = duration(Math.max(0, until - at));
  return `On trial: ${file}, ${left} left; "failover confirm" keeps it, "failover revert" ends it.`;
}

function detailLines({ paths, at }: Snapshot, look: TerminalStyle, { of }: Details): string[] {
  const ids = [...new Set(paths.map(({ provider }) => provider))];
  return ids.flatMap((id) => {
    if (of !== undefined && id !== of) return [];
    const own = paths.filter(({ provider }) => provider === id);
    return providerLines(id, own, at, look);
  });
}

/** Worth a line, but nothing to worry about. */
function footer(snapshot: Snapshot, look: TerminalStyle, isShort: boolean): string[] {
  const { at, startedAt, pid, version, configFile, probing } = snapshot;
  const echoes =
    probing.means === 'raw sockets'
      ? ['Echoes are sent by raw sockets, since ping sockets are not permitted.']
      : [];
  const about = `failover ${version}, process ${pid}, up ${duration(at - startedAt)}, configured by ${configFile}`;
  const more = isShort
    ? ['More: failover status ID, failover status --all, failover why, failover history']
    : [];
  return [
    ...clip(
      last(snapshot).flatMap((line) => wrap(line, '', look)),
      2,
      look,
    ).map((line) => paint('faint', line, look)),
    ...[...echoes, about, ...more].flatMap((line) => painted(line, 'faint', look)),
  ];
}

/** The last switch; that of both families, if they moved together. */
function last({ lastDecision, lastSwitch }: Snapshot): string[] {
  if (lastDecision === undefined) return [];
  const { at, sentence, reason } = lastDecision;
  const isShared = [lastSwitch[4], lastSwitch[6]].some(
    (other) => other !== undefined && areTwins(other, lastDecision),
  );
  const words = isShared ? aboutBoth(lastDecision) : sentence;
  return [`Last switch, ${moment(at)}: ${words}${reason === '' ? '' : ` (${reason})`}`];
}
