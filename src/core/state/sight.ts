import type { Instant } from '../../../models/instant.ts';

/** Whether a path's checks can be made. Belongs to the path's state and changes in place. */
export interface Sight {
  since: Instant; // end of the first of the latest checks that could not be made
  times: number; // of those
  stalls: number; // times that this process stood still in a check or between two, since the last that passed
  isLost: boolean; // none could be made for so long that nothing is known of the path
  wasLost: boolean; // when it was last judged
}

/** Every check could be made. */
export function newSight(): Sight {
  return { since: 0, times: 0, stalls: 0, isLost: false, wasLost: false };
}
