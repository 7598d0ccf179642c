import { dirname } from 'node:path';
import type { Config } from '../../models/config.ts';
import { type Mistake, mistake } from './mistake.ts';
import { type Draft, draft } from './resolve/draft.ts';
import { type ResolvedConfig, resolveDefaults } from './resolve/resolve-defaults.ts';
import type { Source } from './resolve/resolve-provider.ts';
import { toConfig } from './resolve/to-config.ts';
import { judgeAddressing } from './rules/addressing.ts';
import { backendRules } from './rules/backend.ts';
import { limitRules } from './rules/limits.ts';
import { sharingRules } from './rules/marks-and-layout.ts';
import { judgePatterns } from './rules/patterns.ts';
import { judgeProviders } from './rules/providers.ts';
import { judgeRanges } from './rules/ranges.ts';
import { checkRule, type Findings } from './rules/rule.ts';
import { judgeScenarios } from './rules/scenarios.ts';
import { timingRules } from './rules/timing.ts';

/** A configuration, or everything that is wrong with it. Warnings refuse nothing. */
export type Parsed =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly Mistake[];
      readonly sources: Readonly<Record<string, Source>>; // by path: 'checkInterval', 'providers[0].rtTableId'
    }
  | { readonly ok: false; readonly mistakes: readonly Mistake[]; readonly warnings: readonly Mistake[] };

/** What a configuration belongs to. */
export interface ParseContext {
  readonly file: string; // its absolute path: a relative sticky file is beside it
}

/** Parses whatever a configuration file gave. Synchronous, reads no file, and never throws. */
export function parseConfig(input: unknown, { file }: ParseContext): Parsed {
  try {
    const drafted = draft(input);
    const effective = resolveDefaults(drafted);
    const findings = compare(effective, drafted);
    const told = (found: Mistake) => inOperatorsWords(found, drafted);
    const mistakes = [...drafted.mistakes, ...oncePerPlace(findings.mistakes.map(told))];
    const warnings = [...drafted.warnings, ...oncePerPlace(findings.warnings.map(told))];
    if (mistakes.length > 0) return { ok: false, mistakes, warnings };
    return { ok: true, config: toConfig(effective, dirname(file)), warnings, sources: effective.sources };
  } catch (error) {
    // A configuration is a program: reading a value can run its getters and proxies, which may throw.
    const reason = error instanceof Error ? error.message : 'something that is no error was thrown';
    return {
      ok: false,
      mistakes: [mistake('', `the configuration cannot be read: ${reason}`)],
      warnings: [],
    };
  }
}

function compare(effective: ResolvedConfig, { providers: drafts }: Draft): Findings {
  const asked = checkRule([...timingRules, ...limitRules, ...sharingRules, ...backendRules], effective);
  const scenarios = judgeScenarios(effective);
  const providers = judgeProviders(effective);
  return {
    mistakes: [
      ...judgeRanges(drafts),
      ...judgePatterns(drafts),
      ...asked.mistakes,
      ...scenarios.mistakes,
      ...providers.mistakes,
      ...judgeAddressing(effective),
    ],
    warnings: [...asked.warnings, ...scenarios.warnings, ...providers.warnings],
  };
}

/** The members of a range are one place in the file: what is wrong with all of them is told of the first. */
function oncePerPlace(found: readonly Mistake[]): readonly Mistake[] {
  return [
    ...new Map(found.toReversed().map((each) => [`${each.path} ${each.message}`, each])).values(),
  ].toReversed();
}

/** Rules know our spelling only; an operator who wrote `MAX_FAILED_CHECKS` is told of that. */
function inOperatorsWords(found: Mistake, { written, providers }: Draft): Mistake {
  const owner = providers.find(({ path }) => found.path.startsWith(`${path}.`));
  const prefix = owner === undefined ? '' : `${owner.path}.`;
  const spelling = owner === undefined ? written : owner.written;
  const [, key = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(found.path.slice(prefix.length)) ?? [];
  return { ...found, path: `${prefix}${spelling.get(key) ?? key}${rest}` };
}
