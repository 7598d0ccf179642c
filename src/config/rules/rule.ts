import type { Mistake } from '../mistake.ts';
import type { ResolvedConfig, Settings } from '../resolve/resolve-defaults.ts';

/** What a rule found: mistakes refuse the configuration, warnings only tell. */
export interface Findings {
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

/** A rule that compares values with each other. It is only asked when none of the values it reads is wrong already. */
export interface Rule {
  readonly reads: readonly (keyof Settings | 'testScenarios')[];
  readonly severity: 'mistake' | 'warning';
  readonly find: (effective: ResolvedConfig) => Mistake | undefined;
}

/** Asks every rule whose values are right. */
export function checkRule(rules: readonly Rule[], effective: ResolvedConfig): Findings {
  const asked = rules.filter(({ reads }) => !reads.some((key) => effective.wrong.has(key)));
  const found = asked.map(({ severity, find }) => ({ severity, found: find(effective) }));
  const of = (wanted: Rule['severity']) =>
    found.flatMap(({ severity, found }) => (severity === wanted && found !== undefined ? [found] : []));
  return { mistakes: of('mistake'), warnings: of('warning') };
}
