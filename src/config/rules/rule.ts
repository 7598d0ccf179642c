import type { Mistake } from '../mistake.ts';
import type { ResolvedConfig, Settings } from '../resolve/resolve-defaults.ts';

/** What rules found: mistakes refuse the configuration, warnings do not. */
export interface Findings {
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

/** A rule that compares values with each other. It is skipped if a setting it reads is already invalid. */
export interface Rule {
  readonly reads: readonly (keyof Settings | 'testScenarios')[];
  readonly severity: 'mistake' | 'warning';
  readonly find: (resolved: ResolvedConfig) => Mistake | readonly Mistake[] | undefined;
}

/** Runs the rules, in their order. */
export function checkRules(rules: readonly Rule[], resolved: ResolvedConfig): Findings {
  const checked = rules.filter(({ reads }) => !reads.some((key) => resolved.invalidKeys.has(key)));
  const found = checked.map(({ severity, find }) => ({ severity, found: [find(resolved) ?? []].flat() }));
  const of = (one: Rule['severity']) =>
    found.flatMap(({ severity, found }) => (severity === one ? found : []));
  return { mistakes: of('mistake'), warnings: of('warning') };
}
