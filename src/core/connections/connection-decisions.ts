/** The decisions about connections. */
import type { UnnumberedDecision } from '../../../models/decision.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Family } from '../../../models/path.ts';
import type { Departure } from '../effects.ts';
import { familyName } from '../format.ts';
import { blank, configDecision } from '../report/decisions.ts';
import type { State } from '../state/state.ts';

/** Connections of a provider were cut because it is dead, or because `onFailback` says so. */
export function cutDecision(state: State, departure: Departure, count: number): UnnumberedDecision {
  const { id, family, why } = departure;
  const others = state.newTraffic[family].join(' and ');
  const cut = count === 1 ? '1 connection' : `${count} connections`;
  return {
    ...about(state.at, id, family),
    severity: 'notice',
    to: others,
    sentence: `${cut} of ${id} (${familyName(family)}) cut, to start again through ${others}`,
    reason: why === 'failed' ? `${id} is down` : `a better provider took over (onFailback of ${id})`,
    numbers: { count },
  };
}

/** Connections are left alone for now. */
export function uncutDecision(at: Instant, { id, family }: Departure, reason: string): UnnumberedDecision {
  return {
    ...about(at, id, family),
    severity: 'warning',
    sentence: `connections of ${id} (${familyName(family)}) are left alone`,
    reason,
  };
}

/** Something needed for connections is missing. */
export function unableDecision(at: Instant, sentence: string, reason: string): UnnumberedDecision {
  return { ...configDecision(at, sentence, reason), kind: 'kernel', severity: 'err' };
}

/** Connections cannot be marked on this machine; everything else works. */
export function unmarkedDecision(at: Instant, reason: string): UnnumberedDecision {
  const sentence =
    'connections are not marked: each follows the present routes, and no address is translated';
  return unableDecision(at, sentence, reason);
}

function about(at: Instant, provider: string, family: Family): UnnumberedDecision {
  return { ...blank(at), kind: 'kernel', provider, family };
}
