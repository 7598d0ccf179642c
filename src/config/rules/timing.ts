import { mistake } from '../mistake.ts';
import { spellDuration } from '../values/units.ts';
import type { Rule } from './rule.ts';

/** How intervals, timeouts and delays must fit together. */
export const timingRules: readonly Rule[] = [
  {
    reads: ['confirmInterval', 'checkInterval'],
    severity: 'mistake',
    find: ({ settings: { confirmInterval, checkInterval } }) =>
      confirmInterval > checkInterval
        ? mistake(
            'confirmInterval',
            `must not be longer than checkInterval (${spellDuration(checkInterval)}), as checks in doubt follow each other faster; leave it out or shorten it`,
            { found: spellDuration(confirmInterval) },
          )
        : undefined,
  },
  {
    reads: ['minOutage', 'confirmInterval'],
    severity: 'mistake',
    find: ({ settings: { minOutage, confirmInterval } }) =>
      minOutage > 0 && minOutage < confirmInterval
        ? mistake(
            'minOutage',
            `must be 0 or at least confirmInterval (${spellDuration(confirmInterval)}), so that a second check can confirm the first`,
            { found: spellDuration(minOutage) },
          )
        : undefined,
  },
  {
    reads: ['checkTimeout', 'minOutage'],
    severity: 'warning',
    find: ({ settings: { checkTimeout, minOutage }, sources }) =>
      sources['checkTimeout'] === 'config' && minOutage > 0 && checkTimeout > 10 * minOutage
        ? mistake(
            'checkTimeout',
            `is more than ten times minOutage (${spellDuration(minOutage)}): before a target's usual time is known, a dead provider is noticed only after this long`,
            { found: spellDuration(checkTimeout) },
          )
        : undefined,
  },
  {
    reads: ['failback', 'failbackDelay'],
    severity: 'warning',
    find: ({ settings: { failback, failbackDelay }, sources }) =>
      failback === 'never' && sources['failbackDelay'] === 'config'
        ? mistake('failbackDelay', "has no effect, as failback is 'never'", {
            found: spellDuration(failbackDelay),
          })
        : undefined,
  },
  {
    reads: ['failback', 'failbackDelay', 'maxFailbackDelay'],
    severity: 'warning',
    find: ({ settings: { failback, failbackDelay, maxFailbackDelay }, sources }) =>
      failback !== 'never' && sources['maxFailbackDelay'] === 'config' && maxFailbackDelay < failbackDelay
        ? mistake(
            'maxFailbackDelay',
            `is shorter than failbackDelay (${spellDuration(failbackDelay)}), which is then never raised`,
            { found: spellDuration(maxFailbackDelay) },
          )
        : undefined,
  },
];
