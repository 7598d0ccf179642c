import { families } from '../../../models/path.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { type Mistake, mistake } from '../mistake.ts';
import type { ProviderDraft } from '../resolve/draft.ts';
import type { ResolvedConfig } from '../resolve/resolve-defaults.ts';
import { spellDuration } from '../values/units.ts';
import type { Rule } from './rule.ts';

/** A list of scenarios, and how many of them must pass, each with the place where the operator wrote it. */
interface Demand {
  readonly path: string;
  readonly scenarios: readonly TestScenario[];
  readonly needed: number | 'all';
  readonly neededPath: string;
}

/** Whether every list of scenarios can satisfy `requiredSuccessful`, and what looks odd in it. */
export const scenarioRules: readonly Rule[] = [
  { reads: [], severity: 'mistake', find: (resolved) => demandsOf(resolved).flatMap(tooLittle) },
  {
    reads: [],
    severity: 'warning',
    find: (resolved) => {
      const lists = new Map(demandsOf(resolved).map(({ path, scenarios }) => [path, scenarios]));
      return [...lists].flatMap(([path, scenarios]) => [
        ...repeated(path, scenarios),
        ...pointless(path, scenarios, resolved),
        ...seldom(path, scenarios),
      ]);
    },
  },
];

function demandsOf(resolved: ResolvedConfig): readonly Demand[] {
  return [...commonDemand(resolved), ...ownDemands(resolved)];
}

function commonDemand({ invalidKeys, settings, testScenarios }: ResolvedConfig): readonly Demand[] {
  if (invalidKeys.has('testScenarios')) return [];
  const needed = invalidKeys.has('requiredSuccessful') ? 'all' : settings.requiredSuccessful;
  return [{ path: 'testScenarios', scenarios: testScenarios, needed, neededPath: 'requiredSuccessful' }];
}

/** For providers with scenarios of their own, or with another number required of the common ones. */
function ownDemands(resolved: ResolvedConfig): readonly Demand[] {
  const [common] = commonDemand(resolved);
  return resolved.providers.flatMap(({ draft }) => {
    const { path, values, invalidKeys } = draft;
    const own = { path: `${path}.testScenarios`, scenarios: draft.testScenarios };
    const list = own.scenarios === undefined ? common : own;
    const isCommon = list === common && values.requiredSuccessful === undefined;
    if (isCommon || list?.scenarios === undefined || invalidKeys.has('testScenarios')) return [];
    return { path: list.path, scenarios: list.scenarios, ...neededOf(resolved, draft) };
  });
}

/** An invalid number is reported separately: any list satisfies it. */
function neededOf(
  { invalidKeys, settings }: ResolvedConfig,
  draft: ProviderDraft,
): Pick<Demand, 'needed' | 'neededPath'> {
  const own = draft.values.requiredSuccessful;
  const neededPath = own === undefined ? 'requiredSuccessful' : `${draft.path}.requiredSuccessful`;
  const isWrong =
    draft.invalidKeys.has('requiredSuccessful') ||
    (own === undefined && invalidKeys.has('requiredSuccessful'));
  return { neededPath, needed: isWrong ? 'all' : (own ?? settings.requiredSuccessful) };
}

/** Their total weight must reach what is needed, or no check can ever pass. */
function tooLittle({ path, scenarios, needed, neededPath }: Demand): readonly Mistake[] {
  if (needed === 'all') return [];
  return families.flatMap((family) => {
    const usable = scenarios.filter((scenario) => scenario.families.includes(family));
    const weight = usable.reduce((sum, scenario) => sum + scenario.weight, 0);
    if (usable.length === 0 || weight >= needed) return [];
    const isPlain = weight === usable.length;
    const rule = isPlain
      ? `must not be more than the scenarios there are: ${path} has ${weight} for IPv${family}; add some or write 'all'`
      : `must not be more than all scenarios weigh together: ${path} weighs ${weight} for IPv${family}; add some, raise a weight or write 'all'`;
    return mistake(neededPath, rule, { found: needed });
  });
}

function repeated(path: string, scenarios: readonly TestScenario[]): readonly Mistake[] {
  const names = scenarios.map(({ name }) => name);
  return scenarios.flatMap(({ name }, i) =>
    names.indexOf(name) < i
      ? [mistake(`${path}[${i}]`, 'is in the list twice and counts twice', { found: name })]
      : [],
  );
}

function pointless(
  path: string,
  scenarios: readonly TestScenario[],
  { settings, invalidKeys }: ResolvedConfig,
): readonly Mistake[] {
  if (invalidKeys.has('checkInterval')) return [];
  const interval = settings.checkInterval;
  return scenarios.flatMap(({ everyMs }, i) =>
    everyMs !== undefined && everyMs <= interval
      ? mistake(
          `${path}[${i}].every`,
          `has no effect, as it is not longer than checkInterval (${spellDuration(interval)})`,
          { found: spellDuration(everyMs) },
        )
      : [],
  );
}

/** If no scenario runs in every check, a dead line is noticed late. */
function seldom(path: string, scenarios: readonly TestScenario[]): readonly Mistake[] {
  return families.flatMap((family) => {
    const usable = scenarios.filter((scenario) => scenario.families.includes(family));
    const intervals = usable.map(({ everyMs = 0 }) => everyMs);
    const soonest = Math.min(...intervals);
    if (usable.length === 0 || soonest === 0) return [];
    return mistake(
      path,
      `has nothing for IPv${family} but scenarios with \`every\`: checks are ${spellDuration(soonest)} apart there, and a dead line is noticed late; add one without, such as a ping`,
    );
  });
}
