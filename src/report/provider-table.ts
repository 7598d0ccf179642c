/** One line per provider: what a person looks at first. */
import { type Family, families } from '../../models/path.ts';
import type { PathSnapshot, Snapshot } from '../../models/snapshot.ts';
import { duration, familyName, percent } from '../core/format.ts';
import { checkMarks } from './check-marks.ts';
import { isUsable, troubleOf } from './summary.ts';
import { paint, type TerminalStyle, type Tone } from './terminal.ts';

const mostRows = 20;
const leastMarks = 5;

interface Cell {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** A further column: its heading, and a word for each provider. */
export interface FurtherColumn {
  readonly heading: string;
  of(id: string): string;
}

/**
 * The table of all providers in lines of at most `look.columns`. Of more than twenty, only those that carry traffic
 * or are not well, and how many there are besides.
 */
export function providerTable(snapshot: Snapshot, look: TerminalStyle, further?: FurtherColumn): string[] {
  const { paths, active } = snapshot;
  const used = families.filter((family) => paths.some((path) => path.family === family && isUsable(path)));
  const all = [...new Set(paths.map(({ provider }) => provider))];
  const of = (id: string): readonly PathSnapshot[] => paths.filter(({ provider }) => provider === id);
  const isActive = (id: string): boolean => families.some((family) => active[family].includes(id));
  const shown = all.length <= mostRows ? all : notable(all, (id) => isActive(id) || of(id).some(isUnwell));
  const head: Cell[] = [
    '',
    'provider',
    'device',
    ...(further ? [further.heading] : []),
    ...used.map(familyName),
  ].map((text) => ({ text, tone: 'faint' }));
  const rows = shown.map((id) => [
    ...nameCells(id, of(id), isActive(id), look),
    ...(further ? [{ text: further.of(id) }] : []),
    ...used.map((family) => stateCell(of(id), family, snapshot.at)),
  ]);
  const marks = shown.map((id) => of(id).find(({ family }) => family === used[0])?.recent ?? []);
  const hidden = all.length - shown.length;
  const rest = hidden === 0 ? [] : [`  and ${hidden} more: failover status --all`];
  return [...laidOut([head, ...rows], marks, look), ...rest.map((line) => paint('faint', line, look))];
}

function isUnwell(path: PathSnapshot): boolean {
  return isUsable(path) && troubleOf(path) !== undefined;
}

function notable(all: readonly string[], isNotable: (id: string) => boolean): readonly string[] {
  const first = all.filter(isNotable).slice(0, mostRows);
  return first.length > 0 ? first : all.slice(0, mostRows);
}

function nameCells(
  id: string,
  paths: readonly PathSnapshot[],
  isActive: boolean,
  { unicode }: TerminalStyle,
): Cell[] {
  const [active, idle] = unicode ? ['●', '○'] : ['*', '-'];
  const tone = isActive ? 'strong' : undefined;
  return [
    { text: isActive ? active : idle, tone },
    { text: id, tone },
    { text: paths[0]?.interfaceName ?? '?' },
  ];
}

function stateCell(paths: readonly PathSnapshot[], family: Family, at: number): Cell {
  const path = paths.find((each) => each.family === family);
  if (path === undefined || path.role === 'absent') return { text: '-', tone: 'faint' };
  if (path.role === 'disabled') return { text: 'disabled', tone: 'faint' };
  const trouble = troubleOf(path);
  if (trouble === undefined) return reliableCell(path);
  if (trouble !== 'down' && trouble !== 'unreliable') return { text: trouble, tone: 'warn' };
  const time = path.since === undefined ? '' : ` for ${duration(Math.max(0, at - path.since))}`;
  return { text: `${trouble}${time}`, tone: 'bad' };
}

/** `reliable, 61 ms, 2 % loss` */
function reliableCell({ rttMs, lossRatio = 0 }: PathSnapshot): Cell {
  const rtt = rttMs === undefined ? '' : `, ${rttMs.toFixed(rttMs < 10 ? 1 : 0)} ms`;
  const isLossy = lossRatio >= 0.01;
  const loss = isLossy ? `, ${percent(lossRatio)} loss` : '';
  return { text: `reliable${rtt}${loss}`, tone: isLossy ? 'warn' : 'good' };
}

/** Aligned columns, then the marks where there is room for some. Gives up the devices rather than be too wide. */
function laidOut(
  rows: readonly (readonly Cell[])[],
  marks: readonly PathSnapshot['recent'][],
  look: TerminalStyle,
): string[] {
  const widths = widthsOf(rows);
  const width = sum(widths);
  if (width > look.columns) {
    const narrower = rows.map((row) => row.filter((_, column) => column !== deviceColumn));
    return narrower.map((row) => line(row, widthsOf(narrower), look).trimEnd());
  }
  const room = look.columns - width - 2;
  return rows.map((row, i) => {
    const recent = marks[i - 1] ?? [];
    const shown =
      room < leastMarks ? '' : i === 0 ? checksHeading(marks, look) : checkMarks(recent, room, look);
    return `${line(row, widths, look)}  ${shown}`.trimEnd();
  });
}

const deviceColumn = 2;

function checksHeading(marks: readonly PathSnapshot['recent'][], look: TerminalStyle): string {
  return marks.some((recent) => recent.length > 0) ? paint('faint', 'checks', look) : '';
}

/** The first column is a mark, and one blank away from the name. */
function line(row: readonly Cell[], widths: readonly number[], look: TerminalStyle): string {
  const cells = row.map(({ text, tone }, column) => paint(tone, text.padEnd(widths[column] ?? 0), look));
  const [mark = '', ...others] = cells;
  return `${mark} ${others.join('  ')}`;
}

function widthsOf(rows: readonly (readonly Cell[])[]): number[] {
  const columns = rows[0]?.map((_, column) => column) ?? [];
  return columns.map((column) => Math.max(...rows.map((row) => row[column]?.text.length ?? 0)));
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width + 2, -3);
}
