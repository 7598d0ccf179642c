/** How long an answer may take before it is overdue, learned from earlier answers: RFC 6298. */

/** A summary of the round-trip times so far of one target over one path. */
export interface RttEstimate {
  readonly srttMs: number; // smoothed round-trip time
  readonly rttvarMs: number; // its smoothed mean deviation
}

const alpha = 1 / 8; // RFC 6298 2.3
const beta = 1 / 4;
const deviations = 4;
const floorMs = 50;
const firstDeadlineMs = 700;
const severalTripsFloorMs = 100;

/** The estimate after one more round-trip time. `undefined`: none yet. */
export function addSample(estimate: RttEstimate | undefined, rttMs: number): RttEstimate {
  if (estimate === undefined) return { srttMs: rttMs, rttvarMs: rttMs / 2 };
  return {
    rttvarMs: (1 - beta) * estimate.rttvarMs + beta * Math.abs(estimate.srttMs - rttMs),
    srttMs: (1 - alpha) * estimate.srttMs + alpha * rttMs,
  };
}

/**
 * The time that a run of more than one packet and its answer may take, in ms: srtt + 4 rttvar of whole runs,
 * at least half of `checkTimeoutMs`, since a server may have to look something up, and at most all of it. A
 * shorter `minOutageMs` replaces that half, though never with less than 0.1 s.
 */
export function severalTripsMs(
  estimate: RttEstimate | undefined,
  { checkTimeoutMs, minOutageMs }: { checkTimeoutMs: number; minOutageMs: number },
): number {
  if (estimate === undefined) return checkTimeoutMs;
  const usual = estimate.srttMs + deviations * estimate.rttvarMs;
  const least = Math.min(checkTimeoutMs / 2, Math.max(minOutageMs, severalTripsFloorMs));
  return Math.min(Math.max(usual, least), checkTimeoutMs);
}

/**
 * The time an answer may take, in ms: srtt + 4 rttvar, at least 50 ms or half a check interval, whichever is less,
 * and at most `checkTimeoutMs`. Until there is a first answer it is 0.7 s, so that a start with a dead line does not
 * wait for long; a slower line, such as one by satellite, answers late, which is noticed and learned from.
 */
export function deadlineMs(
  estimate: RttEstimate | undefined,
  { checkIntervalMs, checkTimeoutMs }: { checkIntervalMs: number; checkTimeoutMs: number },
): number {
  if (estimate === undefined) return Math.min(firstDeadlineMs, checkTimeoutMs);
  const usual = estimate.srttMs + deviations * estimate.rttvarMs;
  return Math.min(Math.max(usual, Math.min(floorMs, checkIntervalMs / 2)), checkTimeoutMs);
}
