import { families } from '../../../models/path.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import type { Effective } from '../effective.ts';
import { type Mistake, mistake } from '../mistake.ts';
import type { Findings } from './rule.ts';

/** Whether every list of scenarios can satisfy `requiredSuccessful`, and whether it repeats itself. */
export function judgeScenarios(effective: Effective): Findings {
  const own = effective.providers
    .filter(({ draft }) => draft.testScenarios !== undefined && !draft.wrong.has('testScenarios'))
    .map(({ draft }) => ({ path: `${draft.path}.testScenarios`, scenarios: draft.testScenarios ?? [] }));
  const common = effective.wrong.has('testScenarios')
    ? []
    : [{ path: 'testScenarios', scenarios: effective.testScenarios }];
  const lists = [...common, ...own];
  return {
    mistakes: effective.wrong.has('requiredSuccessful')
      ? []
      : lists.flatMap(({ path, scenarios }) => tooFew(path, scenarios, effective)),
    warnings: lists.flatMap(({ path, scenarios }) => repeated(path, scenarios)),
  };
}

function tooFew(
  path: string,
  scenarios: readonly TestScenario[],
  { settings }: Effective,
): readonly Mistake[] {
  const required = settings.requiredSuccessful;
  if (required === 'all') return [];
  return families.flatMap((family) => {
    const count = scenarios.filter((scenario) => scenario.families.includes(family)).length;
    if (count === 0 || count >= required) return [];
    return mistake(
      'requiredSuccessful',
      `must not be more than the scenarios there are: ${path} has ${count} for IPv${family}; add some or write 'all'`,
      { found: required },
    );
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
