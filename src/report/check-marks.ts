import type { PathSnapshot } from '../../models/snapshot.ts';
import { paint, type TerminalStyle } from './terminal.ts';

const most = 30;

/** The latest checks, oldest first, as many as fit: passed, passed though a packet was lost, failed. */
export function checkMarks(recent: PathSnapshot['recent'], room: number, look: TerminalStyle): string {
  const [passed, lossy, failed, unknown] = look.unicode ? ['▪', '▫', '✗', '·'] : ['.', 'o', 'x', '?'];
  const mark = (result: (typeof recent)[number]): string => {
    if (result === 'lossy') return paint('warn', lossy, look);
    if (result === undefined || result === null) return unknown; // null: undefined, by way of JSON
    return result ? paint('good', passed, look) : paint('bad', failed, look);
  };
  const shown = room <= 0 ? [] : recent.slice(-Math.min(room, most));
  return shown.map(mark).join('');
}
