/**
 * What the verdicts of several scenarios add up to. A scenario that could not run is ignored: the others are judged as
 * if it were not in the list.
 */

/** One scenario's part in a check. */
export interface Vote {
  readonly weight: number; // what it counts if it passed
  readonly required: boolean; // the check passes only if it does
  readonly verdict: 'passed' | 'failed' | 'open' | 'none'; // open: not known yet; none: could not run
}

/**
 * Passed, when those that passed weigh enough and include every required one; failed, as soon as that can no longer
 * happen; open until then. `needed`: the weight that must pass, at most the total; `'all'`: every scenario must.
 */
export function tally(votes: readonly Vote[], needed: number | 'all'): 'passed' | 'failed' | 'open' {
  const heard = votes.filter(({ verdict }) => verdict !== 'none');
  const must = heard.filter(({ required }) => required || needed === 'all');
  const total = weigh(heard);
  const enough = needed === 'all' ? total : Math.min(needed, total);
  const lost = weigh(heard.filter(({ verdict }) => verdict === 'failed'));
  if (total === 0 || total - lost < enough || must.some(({ verdict }) => verdict === 'failed'))
    return 'failed';
  const passed = weigh(heard.filter(({ verdict }) => verdict === 'passed'));
  return passed >= enough && must.every(({ verdict }) => verdict === 'passed') ? 'passed' : 'open';
}

function weigh(votes: readonly Vote[]): number {
  return votes.reduce((sum, { weight }) => sum + weight, 0);
}
