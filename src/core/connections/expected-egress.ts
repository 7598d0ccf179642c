import { contains } from '../../../models/address.ts';
import type { Family } from '../../../models/path.ts';
import { pathKey } from '../../../models/path.ts';
import { isLedAway } from '../routes/competition.ts';
import type { State } from '../state/state.ts';

/** The device by which the kernel must send a packet once a switch has taken effect. */
export interface ExpectedEgress {
  readonly to: string;
  readonly mark: number; // 0: none
  readonly devices: readonly string[]; // one of them
}

const mostLookups = 8;

/** Addresses unlikely to have a route of their own. Nothing is ever sent there. */
const anywhere: Readonly<Record<Family, string>> = { 4: '203.0.114.1', 6: '2600:1::1' };

/**
 * What holds once a family's new traffic is where it should be: for unmarked packets, and per mark. Not for those that
 * others' rules lead elsewhere before ours see them, such as those of a VPN that takes all traffic.
 */
export function expectedEgress(state: State, family: Family): readonly ExpectedEgress[] {
  const to = anywhere[family];
  const bound = state.newTraffic[family].flatMap((id) => {
    const path = state.paths.get(pathKey(id, family));
    return path?.binding === undefined
      ? []
      : [{ mark: path.provider.mark, device: path.binding.interfaceName }];
  });
  const some = bound.slice(0, mostLookups); // of a thousand in one group, one is as good as another
  const { routes, excludes } = state.config;
  const isOurs = routes.includes('default') && !excludes.some((network) => contains(network, to));
  const expected = [
    ...(isOurs && bound.length > 0 ? [{ to, mark: 0, devices: bound.map(({ device }) => device) }] : []),
    ...some.map(({ mark, device }) => ({ to, mark, devices: [device] })),
  ];
  return expected.filter(({ mark }) => !isLedAway(state, family, mark));
}
