/**
 * ISPs that answer so many echoes a second and no more, however many are sent. What a line loses, it loses by chance,
 * and the number of answers varies from second to second; a policer lets through the same number in each.
 */
import type { CheckEvent } from '../../../models/event.ts';
import { duration } from '../format.ts';
import { type EchoCount, EchoTally } from '../state/echo-tally.ts';
import type { PathState } from '../state/state.ts';

/** Sent in each second in addition to those answered, at least; with fewer, chance could look the same. */
const leastLost = 3;

/** Variance of the answers in a second, at most. A policer's vary by one; by chance it is half of their mean or more. */
const mostVariance = 0.3;

/** The share of the answered rate that is asked for: others use the same line. */
const askedShare = 0.7;

/** Counts the echoes of a check. True if they show, as was not known before, that the path's echoes are policed. */
export function notePolicing(path: PathState, { at, result, targets, unanswered = 0 }: CheckEvent): boolean {
  const { pacing } = path;
  if (pacing.answeredPerSecond !== undefined) return false;
  if (pacing.echoes === undefined && result.ok && unanswered === 0 && targets.length <= 1) return false;
  const { sent, answered } = echoesOf(targets, unanswered);
  pacing.echoes ??= new EchoTally(at);
  if (!pacing.echoes.add(at, sent, answered)) return false;
  if (!isPoliced(pacing.echoes.latest)) {
    // Each of the seconds must look policed, so those before are of no use; nor is this one as long as nothing is lost.
    if (sent === answered) pacing.echoes = undefined;
    else pacing.echoes.restart();
    return false;
  }
  pacing.answeredPerSecond = answeredRate(pacing.echoes);
  if (pacing.answeredPerSecond !== undefined) pacing.echoes = undefined;
  return pacing.answeredPerSecond !== undefined;
}

function echoesOf(targets: CheckEvent['targets'], unanswered: number): EchoCount {
  let [sent, answered] = [unanswered, 0];
  for (const { result } of targets) {
    if (result.ok) answered += 1;
    if (result.ok || result.code === 'no-answer') sent += 1;
  }
  return { sent, answered };
}

/** Whether more echoes were sent in a second than a policer would let through, and some were answered. */
function isPoliced({ sent, answered }: EchoCount): boolean {
  return answered > 0 && sent >= answered + leastLost;
}

/** The rate at which a policer lets echoes through; `undefined` if that is not what was seen. */
function answeredRate({ last }: EchoTally): number | undefined {
  if (last === undefined) return undefined;
  const mean = last.reduce((sum, { answered }) => sum + answered, 0) / last.length;
  const sent = last.reduce((sum, one) => sum + one.sent, 0) / last.length;
  const variance = last.reduce((sum, { answered }) => sum + (answered - mean) ** 2, 0) / last.length;
  return sent >= 2.5 * mean && variance <= mostVariance ? mean : undefined;
}

/** The least time between two checks of a path whose echoes are policed, ms; 0 for others. */
export function policedPaceMs({ pacing: { answeredPerSecond } }: PathState): number {
  return answeredPerSecond === undefined ? 0 : 1000 / (askedShare * answeredPerSecond);
}

/** Why a path is checked more slowly than configured; `undefined` if it is not. */
export function policingRemark(path: PathState): string | undefined {
  const { answeredPerSecond } = path.pacing;
  if (answeredPerSecond === undefined) return undefined;
  const every = duration(Math.max(path.intervalMs, policedPaceMs(path)));
  return `${answeredPerSecond.toFixed(1)} echoes a second are answered, however many are sent, as if the ISP limited them: it is checked every ${every}`;
}
