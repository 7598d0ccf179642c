/** In which words a path that is not trusted gains trust again, or what it still has to wait for. */
import type { Config } from '../../../models/config.ts';
import type { Evidence } from '../../../models/decision.ts';
import type { Instant } from '../../../models/instant.ts';
import { count, duration, percent } from '../format.ts';
import type { PathState } from '../state/state.ts';
import { type Explain, type Explanation, justBecause } from '../state/why.ts';
import { reuseAt } from './damping.ts';
import { above } from './evidence.ts';
import { neededChecks } from './recovery.ts';

/** It has to pass more checks in a row. */
export function proving(path: PathState, config: Config, now: Instant): Explain {
  const { recovery, binding, consecutiveFailed, lastReason, checks } = path;
  const { consecutiveSucceeded } = path;
  const needed = neededChecks(config);
  const begin = recovery.sign === undefined ? '' : `${signOf(recovery.sign, binding, now)}: `;
  return () => {
    if (consecutiveFailed > 0)
      return justBecause(`the latest check failed: ${lastReason} (${needed} in a row must pass)`)();
    if (consecutiveSucceeded === 0 && checks === 0) return justBecause(`${begin}no check has ended yet`)();
    return succeeded(consecutiveSucceeded, config, begin);
  };
}

function signOf(
  { at, of }: NonNullable<PathState['recovery']['sign']>,
  binding: PathState['binding'],
  now: Instant,
): string {
  const ago = `${duration(now - at)} ago`;
  if (of === 'checks') return `checks began to pass ${ago}`;
  const { interfaceName = '', address = '' } = binding ?? {};
  return of === 'carrier' ? `interface ${interfaceName} came back ${ago}` : `bound to ${address} ${ago}`;
}

/** Its penalty for short outages has to decay. */
export function flapped(penalty: number): Explain {
  return () => ({
    reason: `it flapped: penalty ${penalty.toFixed(1)} (reliable again under ${reuseAt})`,
    numbers: { penalty: Number(penalty.toFixed(2)), reuseAt },
    evidence: [above('penalty', Number(penalty.toFixed(2)), 'points', reuseAt)],
  });
}

/** `holdDown` is not over. */
export function held(leftMs: number, { holdDownMs }: Config): Explain {
  return () => ({
    reason: `held down for ${duration(leftMs)} more (holdDown ${duration(holdDownMs)})`,
    numbers: { leftMs: Math.round(leftMs), holdDownMs },
    evidence: [],
  });
}

/** It is trusted. Names the limit that it waited for, if any: by then far more checks than needed have passed. */
export function risen({ consecutiveSucceeded, why }: PathState, config: Config): Explain {
  const begin = backWithin(why().evidence[0]);
  return () => succeeded(consecutiveSucceeded, config, begin);
}

function backWithin(waitedFor: Evidence | undefined): string {
  if (waitedFor === undefined) return '';
  const { name, limit } = waitedFor;
  switch (name) {
    case 'loss':
      return `loss is back within ${percent(limit)}: `;
    case 'rtt':
    case 'jitter':
      return `${name} is back within ${duration(limit)}: `;
    case 'failedInWindow':
      return `no more than ${limit} of the last checks failed: `;
    default:
      return '';
  }
}

function succeeded(value: number, config: Config, begin = ''): Explanation {
  const { minConsecutiveSucceededChecks: limit } = config;
  return {
    reason: `${begin}${count(value, 'check')} in a row passed (${neededChecks(config)} needed)`,
    numbers: { consecutiveSucceeded: value, minConsecutiveSucceededChecks: limit },
    evidence: [
      {
        ...{ name: 'consecutiveSucceeded', value, unit: 'checks', limit },
        ...{ sense: 'below', crossed: value <= limit },
      },
    ],
  };
}
