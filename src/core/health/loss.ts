/** The loss of a path: of single packets where its checks send such, else of whole checks. */
import type { Config } from '../../../models/config.ts';
import type { CheckEvent } from '../../../models/event.ts';
import type { PacketLoss } from '../state/line-loss.ts';
import { leastPackets } from '../state/packets.ts';
import type { PathState } from '../state/state.ts';
import type { Window } from '../state/window.ts';
import { outageScaleMs } from './damping.ts';

/** A loss with what it is a share of. */
export interface Loss extends PacketLoss {
  readonly ratio: number;
  readonly of: 'packets' | 'checks';
}

/**
 * Packets are kept for at least so many times the longest stall that is no outage: then one such stall is no more than
 * a thirtieth of them, however fast the checks are.
 */
const stallsKept = 30;

/**
 * So many packets in a row of which none is answered, on a line that something else gets through, are filtered on the
 * way, not lost: at a loss of 30 % that happens once in 400 packets.
 */
const filteredAfter = 5;

/**
 * Records the packets of a check, if it was stored in the window: those made in doubt follow each other so fast that
 * an outage of a second would weigh as much as the minute around it.
 */
export function notePackets(path: PathState, event: CheckEvent, config: Config): void {
  const { window, packets, lastStoredStart } = path;
  if (event.packets === undefined && packets.isEmpty) return;
  let someLost = false;
  for (const { target, answered, startedAt = event.startedAt } of event.packets ?? []) {
    if (window.has(startedAt)) packets.push(startedAt, target, answered);
    someLost ||= !answered;
  }
  if (someLost && event.result.ok) noteFiltered(path, event, config);
  if (lastStoredStart !== event.startedAt) return;
  const windowMs = event.startedAt - (window.oldestStart ?? event.startedAt);
  const rounds = Math.max(1, (2 * leastPackets) / window.capacity); // a short window is too short for a figure
  packets.dropBefore(event.startedAt - Math.max(windowMs * rounds, stallsKept * outageScaleMs(config)));
}

/** Whatever other checks find, a line does not lose all of its packets and yet carry what they send. */
function noteFiltered({ packets, provider }: PathState, event: CheckEvent, config: Config): void {
  const scenarios = provider.testScenarios ?? config.testScenarios;
  const isPacket = (target: string): boolean =>
    scenarios.some(({ name, isOneRoundTrip }) => name === target && isOneRoundTrip);
  if (event.targets.some(({ target, result }) => result.ok && isPacket(target))) packets.noteAnswer();
  else packets.withdrawUnanswered(filteredAfter);
}

/** The loss of a path; `undefined` while there are too few packets for a figure. */
export function lossOf({ packets, window }: PathState): Loss | undefined {
  if (packets.isEmpty) return lossOfChecks(window);
  const { asked, lost } = packets.loss;
  return asked < leastPackets ? undefined : { asked, lost, ratio: lost / asked, of: 'packets' };
}

function lossOfChecks({ samples, failed, capacity }: Window): Loss | undefined {
  if (samples < Math.min(leastPackets, capacity)) return undefined;
  return { asked: samples, lost: failed, ratio: failed / samples, of: 'checks' };
}

/** `'16 of 51 packets lost'`; of checks: `'12 of 50 checks failed'`. */
export function lossWords({ lost, asked, of }: Loss): string {
  return `${lost} of ${asked} ${of} ${of === 'packets' ? 'lost' : 'failed'}`;
}
