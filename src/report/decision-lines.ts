import type { Decision } from '../../models/decision.ts';
import { moment, paint, plain, type TerminalStyle, type Tone, wrap } from './terminal.ts';

const tones: Readonly<Record<Decision['severity'], Tone | undefined>> = {
  err: 'bad',
  warning: 'bad',
  notice: 'strong',
  info: undefined,
};

/** A decision in a list: when and what on one line, its reason below. */
export function decisionLines({ at, severity, sentence, reason }: Decision, look: TerminalStyle): string[] {
  const [first = '', ...rest] = wrap(sentence, '                     ', look);
  const head = `${moment(at)}  ${paint(tones[severity], first.trimStart(), look)}`;
  return [head, ...rest, ...(reason === '' ? [] : wrap(reason, '                     ', look))];
}

/** The numbers and limits behind a decision as a small table. */
export function numberLines(numbers: Decision['numbers'], look: TerminalStyle): string[] {
  const rows = Object.entries(numbers);
  const width = Math.max(0, ...rows.map(([key]) => key.length));
  return rows.map(([key, value]) => {
    const shown = typeof value === 'number' ? String(Number(value.toFixed(3))) : plain(String(value));
    return paint('faint', `                     ${key.padEnd(width)}  ${shown}`, look);
  });
}
