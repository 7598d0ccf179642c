import type { Decision } from '../../models/decision.ts';
import { moment, paint, plain, type TerminalStyle, type Tone, wrap } from './terminal.ts';

const tones: Readonly<Record<Decision['severity'], Tone | undefined>> = {
  err: 'bad',
  warning: 'bad',
  notice: 'strong',
  info: undefined,
};

const indent = ' '.repeat(21);

/** A decision in a list: when and what on one line, its reason below; `verbose`: also the commands that ran. */
export function decisionLines(
  decision: Decision,
  look: TerminalStyle,
  { verbose = false }: { readonly verbose?: boolean } = {},
): string[] {
  const { at, severity, sentence, reason, commands = [] } = decision;
  const [first = '', ...rest] = wrap(`${sentence}${timesOf(decision, look)}`, indent, look);
  const head = `${moment(at)}  ${paint(tones[severity], first.trimStart(), look)}`;
  const ran = verbose ? commands.flatMap((command) => wrap(command, indent, look)) : [];
  return [
    head,
    ...rest,
    ...(reason === '' ? [] : wrap(reason, indent, look)),
    ...ran.map((line) => paint('faint', line, look)),
  ];
}

/** ` × 500, last 2026-11-20 13:04:05`, for what happened again and again. */
function timesOf({ at, numbers: { times, lastAt } }: Decision, { unicode }: TerminalStyle): string {
  if (typeof times !== 'number' || times < 2) return '';
  const last = typeof lastAt === 'number' && lastAt - at >= 1000 ? `, last ${moment(lastAt)}` : '';
  return ` (${unicode ? '×' : 'x'} ${times}${last})`;
}

/** The numbers and limits behind a decision as a small table. */
export function numberLines(numbers: Decision['numbers'], look: TerminalStyle): string[] {
  const rows = Object.entries(numbers);
  const width = Math.max(0, ...rows.map(([key]) => key.length));
  return rows.map(([key, value]) => {
    const shown = typeof value === 'number' ? String(Number(value.toFixed(3))) : plain(String(value));
    return paint('faint', `${indent}${key.padEnd(width)}  ${shown}`, look);
  });
}
