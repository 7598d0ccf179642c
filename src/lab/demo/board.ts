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

/** The last line of the board: the routes in the kernel right now, and what becomes of traffic that follows them. */
export function trafficLine({ flows, watch }: Omit<Instruments, 'lab'>): string {
  const routes = ([4, 6] as const).map((family) => `IPv${family} ${watch.report(family).device ?? 'none'}`);
  const flowing = flows.map((flow) => `IPv${flow.family} ${lately(flow)}`);
  return `routes: ${routes.join(', ')}   flow: ${flowing.join(', ')} answered`;
}

/** Loss among the packets of the last second whose fate is known. */
function lately(flow: Flow): string {
  const { sent, lost } = flow.report(now() - 1000);
  return sent === 0 ? '-' : `${Math.round((100 * (sent - lost)) / sent)} %`;
}
