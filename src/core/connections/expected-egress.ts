import { contains } from '../../../models/address.ts';
import type { Family } from '../../../models/path.ts';
import { pathKey } from '../../../models/path.ts';
import type { State } from '../state/state.ts';

/** Which way the kernel must send a packet, so that a switch is known to have taken effect. */
export interface ExpectedEgress {
  readonly to: string;
  readonly mark: number; // 0: none
  readonly devices: readonly string[]; // one of them
}

const mostAsked = 8;

/** Addresses that nobody is likely to have a route of its own for. Nothing is ever sent there. */
const anywhere: Readonly<Record<Family, string>> = { 4: '203.0.114.1', 6: '2600:1::1' };

/** What holds once the new traffic of a family is where the state wants it: of what is unmarked, and of each mark. */
export function expectedEgress(state: State, family: Family): readonly ExpectedEgress[] {
  const to = anywhere[family];
  const bound = state.newTraffic[family].flatMap((id) => {
    const path = state.paths.get(pathKey(id, family));
    return path?.binding === undefined
      ? []
      : [{ mark: path.provider.mark, device: path.binding.interfaceName }];
  });
  const some = bound.slice(0, mostAsked); // of a thousand in one group, one is as good as another
  const { routes, excludes } = state.config;
  const isOurs = routes.includes('default') && !excludes.some((network) => contains(network, to));
  return [
    ...(isOurs && bound.length > 0 ? [{ to, mark: 0, devices: bound.map(({ device }) => device) }] : []),
    ...some.map(({ mark, device }) => ({ to, mark, devices: [device] })),
  ];
}
