import type { Instant } from '../../../models/instant.ts';
import type { EchoTally } from './echo-tally.ts';

/** What makes a path be checked faster than usual, and what keeps it from that. Changes in place. */
export interface Pacing {
  closeWatchUntil: Instant; // after a short outage it is checked more often until then
  watchesFrom: Instant; // until then a lost packet is no reason to
  burstsFrom: Instant; // until then it answers some packets and not others: asking faster would only lose more
  echoes: EchoTally | undefined; // of a path that lost some
  answeredPerSecond: number | undefined; // echoes, by a policer; undefined: none was found
}

/** Nothing does. */
export function newPacing(): Pacing {
  return {
    closeWatchUntil: 0,
    watchesFrom: 0,
    burstsFrom: 0,
    echoes: undefined,
    answeredPerSecond: undefined,
  };
}
