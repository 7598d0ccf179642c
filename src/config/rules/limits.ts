import { type Mistake, mistake } from '../mistake.ts';
import type { ResolvedConfig } from '../resolve/resolve-defaults.ts';
import { spellDuration } from '../values/units.ts';
import type { Rule } from './rule.ts';

/** Which limits the window can resolve, and which can be reached at all. */
export const limitRules: readonly Rule[] = [
  {
    reads: ['minConsecutiveSucceededChecks', 'maxStoredTestResultCount'],
    severity: 'mistake',
    find: ({ settings: { minConsecutiveSucceededChecks: least, maxStoredTestResultCount: window } }) =>
      least >= window
        ? mistake(
            'minConsecutiveSucceededChecks',
            `must be less than maxStoredTestResultCount (${window}), or a provider never becomes reliable again`,
            { found: least },
          )
        : undefined,
  },
  ...(['maxFailedChecks', 'maxConsecutiveFailedChecks'] as const).map(
    (key): Rule => ({
      reads: [key, 'maxStoredTestResultCount'],
      severity: 'warning',
      find: ({ settings, sources }) =>
        sources[key] === 'config' && settings[key] >= settings.maxStoredTestResultCount
          ? mistake(
              key,
              `can never be exceeded, as the window holds ${settings.maxStoredTestResultCount} results (maxStoredTestResultCount); other limits still apply`,
              { found: settings[key] },
            )
          : undefined,
    }),
  ),
  ...(['loss', 'rtt', 'jitter'] as const).map(
    (key): Rule => ({ reads: [key], severity: 'mistake', find: (resolved) => inverted(key, resolved) }),
  ),
  { reads: ['loss', 'maxStoredTestResultCount'], severity: 'mistake', find: tooFine },
  {
    reads: ['loss'],
    severity: 'warning',
    find: ({ settings: { loss } }) =>
      loss !== 'none' && loss.down === 1
        ? mistake('loss.down', 'can never be exceeded, as loss is at most 100%', { found: loss.down })
        : undefined,
  },
  {
    reads: ['rtt', 'checkTimeout'],
    severity: 'warning',
    find: ({ settings: { rtt, checkTimeout } }) =>
      rtt !== undefined && rtt.down >= checkTimeout
        ? mistake(
            'rtt.down',
            `can never be exceeded, as an answer after checkTimeout (${spellDuration(checkTimeout)}) counts as lost`,
            { found: spellDuration(rtt.down) },
          )
        : undefined,
  },
];

function inverted(key: 'loss' | 'rtt' | 'jitter', { settings }: ResolvedConfig): Mistake | undefined {
  const limits = settings[key];
  if (limits === undefined || limits === 'none') return undefined;
  const { whileLoaded = 'ignore' } = limits;
  const own = invertedPair(key, limits, key);
  return whileLoaded === 'ignore' ? own : (own ?? invertedPair(key, whileLoaded, `${key}.whileLoaded`));
}

function invertedPair(
  key: 'loss' | 'rtt' | 'jitter',
  { down, up }: { down: number; up: number },
  place: string,
): Mistake | undefined {
  if (up <= down) return undefined;
  const spell = key === 'loss' ? percent : spellDuration;
  return mistake(
    `${place}.up`,
    `must not be over ${place}.down (${spell(down)}): a provider comes back when it is better than it was when it went`,
    { found: spell(up) },
  );
}

/** dpinger's formula: one result of n is a step of 100 / n percent. */
function tooFine({
  settings: { loss, maxStoredTestResultCount: window },
  sources,
}: ResolvedConfig): Mistake | undefined {
  if (loss === 'none' || sources['loss'] !== 'config') return undefined;
  const step = 1 / window;
  const fine = (['down', 'up'] as const).find((side) => loss[side] > 0 && loss[side] < step - 1e-9);
  if (fine === undefined) return undefined;
  return mistake(
    `loss.${fine}`,
    `must be at least ${percent(step)}, the step that a window of ${window} results can resolve (100 / maxStoredTestResultCount); raise one of them`,
    { found: percent(loss[fine]) },
  );
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 1e6) / 1e4}%`;
}
