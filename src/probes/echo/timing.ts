import type { Success } from '../../../models/test-result.ts';

const usualSendMs = 0.5; // sending takes less, unless this process has to wait for a processor
const largestShare = 0.1; // of an RTT that sending may take

/** What is known of the times of an echo that was answered, ms. */
export interface EchoTimes {
  readonly elapsedMs: number; // from before it was sent until its answer was read
  readonly sendMs: number; // that sending it took
  readonly waitedMs: number | undefined; // that the answer waited to be read, by the wall clock; undefined: not known
  readonly isFirst: boolean; // nothing had been answered through that device and address when it was sent
}

/**
 * The result of an echo that was answered. That the answer waited for this process to read it is subtracted. That the
 * request waited for a processor to send it spoils the measurement, and so does what only the first echoes wait for:
 * the neighbour's address, and code that is not compiled yet. The wall clock may have been set while the answer waited.
 */
export function timed({ elapsedMs, sendMs, waitedMs, isFirst }: EchoTimes): Success {
  if (waitedMs === undefined || waitedMs < 0 || waitedMs > elapsedMs)
    return { ok: true, rttMs: elapsedMs, untimed: true };
  const rttMs = elapsedMs - waitedMs;
  const wasSentLate = sendMs > Math.max(usualSendMs, rttMs * largestShare);
  return isFirst || wasSentLate ? { ok: true, rttMs, untimed: true } : { ok: true, rttMs };
}
