import { dirname } from 'node:path';
import type { Config } from '../../models/config.ts';
import { type Mistake, mistake } from './mistake.ts';
import { type Draft, draft } from './resolve/draft.ts';
import { resolveDefaults } from './resolve/resolve-defaults.ts';
import type { Source } from './resolve/resolve-provider.ts';
import { toConfig } from './resolve/to-config.ts';
import { addressingRules } from './rules/addressing.ts';
import { backendRules } from './rules/backend.ts';
import { limitRules } from './rules/limits.ts';
import { sharingRules } from './rules/marks-and-layout.ts';
import { metricsRules } from './rules/metrics.ts';
import { patternRules } from './rules/patterns.ts';
import { providerRules } from './rules/providers.ts';
import { rangeRules } from './rules/ranges.ts';
import { checkRules, type Rule } from './rules/rule.ts';
import { scenarioRules } from './rules/scenarios.ts';
import { secretRules } from './rules/secrets.ts';
import { timingRules } from './rules/timing.ts';

/** A configuration, or everything that is wrong with it. Warnings do not refuse it. */
export type Parsed =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly Mistake[];
      readonly sources: Readonly<Record<string, Source>>; // by path: 'checkInterval', 'providers[0].rtTableId'
    }
  | { readonly ok: false; readonly mistakes: readonly Mistake[]; readonly warnings: readonly Mistake[] };

/** Where a configuration comes from. */
export interface ParseContext {
  readonly file: string; // its absolute path: a relative sticky file is in its folder
}

/** Parses whatever a configuration file contains. Synchronous, reads no file, and never throws. */
export function parseConfig(input: unknown, { file }: ParseContext): Parsed {
  try {
    const drafted = draft(input);
    const resolved = resolveDefaults(drafted);
    const findings = checkRules(rules, resolved);
    const asSpelled = (found: Mistake) => inOperatorsWords(found, drafted);
    const mistakes = [...drafted.mistakes, ...oncePerPlace(findings.mistakes.map(asSpelled))];
    const warnings = [...drafted.warnings, ...oncePerPlace(findings.warnings.map(asSpelled))];
    if (mistakes.length > 0) return { ok: false, mistakes, warnings };
    return { ok: true, config: toConfig(resolved, dirname(file)), warnings, sources: resolved.sources };
  } catch (error) {
    // A configuration is a program: reading a value can run its getters and proxies, which may throw.
    const reason = error instanceof Error ? error.message : 'something other than an error was thrown';
    return {
      ok: false,
      mistakes: [mistake('', `the configuration cannot be read: ${reason}`)],
      warnings: [],
    };
  }
}

/** In the order their findings are shown. */
const rules: readonly Rule[] = [
  ...rangeRules,
  ...patternRules,
  ...timingRules,
  ...metricsRules,
  ...limitRules,
  ...sharingRules,
  ...backendRules,
  ...scenarioRules,
  ...providerRules,
  ...addressingRules,
  ...secretRules,
];

/** The members of a range are one place in the file: a mistake in all of them is reported for the first. */
function oncePerPlace(found: readonly Mistake[]): readonly Mistake[] {
  return [
    ...new Map(found.toReversed().map((each) => [`${each.path} ${each.message}`, each])).values(),
  ].toReversed();
}

/** Rules know only our spelling; an operator who wrote `MAX_FAILED_CHECKS` is shown that. */
function inOperatorsWords(found: Mistake, { spelling: common, providers }: Draft): Mistake {
  const owner = providers.find(({ path }) => found.path.startsWith(`${path}.`));
  const prefix = owner === undefined ? '' : `${owner.path}.`;
  const spelling = owner === undefined ? common : owner.spelling;
  const [, key = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(found.path.slice(prefix.length)) ?? [];
  return { ...found, path: `${prefix}${spelling.get(key) ?? key}${rest}` };
}
