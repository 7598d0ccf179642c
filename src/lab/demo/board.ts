import type { PathSnapshot, Snapshot } from '../../../models/snapshot.ts';
import type { Flow } from '../flow.ts';
import type { Lab } from '../lab.ts';
import { now } from '../now.ts';
import type { RouteWatch } from '../route-watch.ts';

/** What a board is read from. */
export interface Instruments {
  readonly lab: Lab;
  readonly flows: readonly Flow[];
  readonly watch: RouteWatch;
}

/** The live table: a line per provider, then the current routes and the state of the flows. */
export function board({ lab, flows, watch }: Instruments, snapshot: Snapshot | undefined): readonly string[] {
  const rows = lab.isps.map((isp) => {
    const of = (family: number): PathSnapshot | undefined =>
      snapshot?.paths.find((path) => path.provider === isp.name && path.family === family);
    const isActive = snapshot?.active[4].includes(isp.name) || snapshot?.active[6].includes(isp.name);
    return [
      isActive ? '*' : ' ',
      isp.name,
      isp.device,
      lab.condition(isp.name),
      verdict(of(4)),
      verdict(of(6)),
      marks(of(4)),
    ];
  });
  const routes = ([4, 6] as const).map((family) => `IPv${family} ${watch.report(family).device ?? 'none'}`);
  const flowing = flows.map((flow) => `IPv${flow.family} ${lately(flow)}`);
  return [
    '',
    ...align([[' ', 'ISP', 'device', 'line', 'IPv4', 'IPv6', 'checks'], ...rows]),
    `   routes: ${routes.join(', ')}   flow: ${flowing.join(', ')} answered`,
  ];
}

function verdict(path: PathSnapshot | undefined): string {
  if (path === undefined) return '-';
  const rtt = path.rttMs === undefined ? '' : ` ${path.rttMs.toFixed(path.rttMs < 10 ? 1 : 0)} ms`;
  return `${path.health}${path.liveness === 'doubt' ? ', in doubt' : rtt}`;
}

function marks(path: PathSnapshot | undefined): string {
  const recent = path?.recent.slice(-20) ?? [];
  return recent.map((result) => (result === undefined ? ' ' : markOf(result))).join('');
}

function markOf(result: boolean | 'lossy'): string {
  if (result === 'lossy') return 'o';
  return result ? '.' : 'x';
}

/** Loss among the datagrams of the last second whose fate is known. */
function lately(flow: Flow): string {
  const { sent, lost } = flow.report(now() - 1000);
  return sent === 0 ? '-' : `${Math.round((100 * (sent - lost)) / sent)} %`;
}

function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
