import type { Snapshot } from '../../../models/snapshot.ts';
import { type Instruments, trafficLine } from '../../lab/demo/board.ts';
import type { StageStyle } from '../../lab/demo/stage.ts';
import { providerTable } from '../../report/provider-table.ts';
import { paint, type TerminalStyle, wrap } from '../../report/terminal.ts';

/**
 * The live table: what `failover status` begins with, with the true state of each ISP next to the daemon's opinion.
 * `snapshot` is undefined while the daemon does not answer.
 */
export function labBoard(
  instruments: Instruments,
  snapshot: Snapshot | undefined,
  look: TerminalStyle,
): readonly string[] {
  const { lab } = instruments;
  const further = { heading: 'line', of: (id: string) => lab.condition(id) };
  const table =
    snapshot === undefined ? ['The daemon does not answer.'] : providerTable(snapshot, look, further);
  return ['', ...table, paint('faint', `  ${trafficLine(instruments)}`, look)];
}

/** The stage's style on this terminal. */
export function stageStyle(look: TerminalStyle): StageStyle {
  return {
    wrap: (line, indent) => {
      if (indent === '') return wrap(line, '', look);
      const [first = '', ...rest] = wrap(line, `${indent}  `, look);
      return [first.slice(2), ...rest];
    },
    paint: (tone, text) => paint(tone, text, look),
  };
}
