/** A configuration with each value validated by itself: the step before values are compared with each other. */
import type { TestScenario } from '../../../models/test-scenario.ts';
import { type Mistake, mistake } from '../mistake.ts';
import { nearest } from '../nearest.ts';
import { spellProvider, spellSettings } from '../schema/legacy.ts';
import { readScenarios } from '../schema/scenario.ts';
import {
  type ProviderValues,
  providerFieldNames,
  reviewProvider,
  reviewSettings,
  type SettingValues,
  settingNames,
} from '../schema/schema.ts';
import { isPattern } from '../values/pattern.ts';
import { maxProviders } from '../values/range.ts';
import { foundAt, placeOf, type SchemaIssue } from '../values/schema-issue.ts';

/** The valid values, the keys of the invalid ones, and what is wrong with them. */
export interface Draft {
  readonly settings: SettingValues;
  readonly invalidKeys: ReadonlySet<string>; // keys whose values must not be compared with others
  readonly providers: readonly ProviderDraft[];
  readonly testScenarios: readonly TestScenario[] | undefined; // undefined: left out
  readonly spelling: ReadonlyMap<string, string>; // our key → the operator's spelling
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

/** One provider of a draft. */
export interface ProviderDraft {
  readonly path: string; // 'providers[1]'
  readonly values: ProviderValues;
  readonly invalidKeys: ReadonlySet<string>;
  readonly testScenarios: readonly TestScenario[] | undefined;
  readonly spelling: ReadonlyMap<string, string>;
  readonly place: number; // its index in the list as written
  readonly derived?: Readonly<Record<string, `from ${string}`>>; // members of a range: where their values come from
}

type Fields = Readonly<Record<string, unknown>>;

const topNames = [...settingNames, 'providers', 'testScenarios'];
const providerNames = [...providerFieldNames, 'testScenarios'];

/** Reads whatever a configuration file contains. */
export function draft(input: unknown): Draft {
  if (!isFields(input)) {
    const rule = 'must be an object with settings, such as { providers: […] }';
    return { ...empty, mistakes: [mistake('', `the configuration ${rule}`, { found: input })] };
  }
  const spelled = spellSettings(input);
  const { values: settings, faults } = reviewSettings(spelled.values);
  const providers = readProviders(
    spelled.values['providers'],
    spelled.spelling.get('providers') ?? 'providers',
  );
  const scenarios = readOwnScenarios(spelled.values, spelled.spelling, '');
  return {
    settings,
    invalidKeys: invalidKeysOf(faults, scenarios.mistakes),
    providers: providers.drafts,
    testScenarios: scenarios.scenarios,
    spelling: spelled.spelling,
    warnings: spelled.warnings,
    mistakes: [
      ...spelled.mistakes,
      ...explainUnknown(spelled.values, topNames, ''),
      ...explainFaults(faults, spelled.values, { spelling: spelled.spelling, prefix: '' }),
      ...scenarios.mistakes,
      ...providers.mistakes,
    ],
  };
}

const empty: Draft = {
  settings: {},
  invalidKeys: new Set(),
  providers: [],
  testScenarios: undefined,
  spelling: new Map(),
  mistakes: [],
  warnings: [],
};

interface ReadProviders {
  readonly drafts: readonly ProviderDraft[];
  readonly mistakes: readonly Mistake[];
}

function readProviders(input: unknown, path: string): ReadProviders {
  if (!Array.isArray(input) || input.length === 0) {
    const rule =
      "must be a list with at least one provider, such as [{ id: 'fibre', interfaceName: 'eth1' }]";
    return { drafts: [], mistakes: [mistake(path, rule, { found: input })] };
  }
  if (input.length > maxProviders) {
    const rule = `must hold at most ${maxProviders} providers, not ${input.length}`;
    return { drafts: [], mistakes: [mistake(path, rule)] };
  }
  const read = input.map((entry: unknown, i) => readProvider(entry, `${path}[${i}]`, i));
  return {
    drafts: read.flatMap(({ drafts }) => drafts),
    mistakes: read.flatMap(({ mistakes }) => mistakes),
  };
}

function readProvider(input: unknown, path: string, place: number): ReadProviders {
  if (!isFields(input)) {
    const rule = "must be a provider, such as { id: 'fibre', interfaceName: 'eth1' }";
    return { drafts: [], mistakes: [mistake(path, rule, { found: input })] };
  }
  const spelled = spellProvider(input, path);
  const { values, faults } = reviewProvider(spelled.values);
  const scenarios = readOwnScenarios(spelled.values, spelled.spelling, `${path}.`);
  const missing = mustHave(spelled.values).filter((key) => spelled.values[key] === undefined);
  const invalidKeys = invalidKeysOf(faults, scenarios.mistakes);
  return {
    drafts: [
      {
        path,
        values,
        invalidKeys: new Set([...invalidKeys, ...missing]),
        testScenarios: scenarios.scenarios,
        spelling: forMembers(spelled.spelling),
        place,
      },
    ],
    mistakes: [
      ...spelled.mistakes,
      ...missing.map((key) =>
        mistake(`${path}.${key}`, 'must be set: every provider needs its id and interfaceName'),
      ),
      ...explainUnknown(spelled.values, providerNames, `${path}.`),
      ...explainFaults(faults, spelled.values, { spelling: spelled.spelling, prefix: `${path}.` }),
      ...scenarios.mistakes,
    ],
  };
}

/** A mistake in the gateway of a range's member is reported for the range. */
function forMembers(spelling: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const range = spelling.get('gateways');
  return range === undefined ? spelling : new Map([['gateway', range], ['ipv6Gateway', range], ...spelling]);
}

/** The ids of a range's or pattern's members follow from their addresses or interfaces. */
function mustHave({ gateways, interfaceName }: Fields): readonly string[] {
  const hasMembers =
    gateways !== undefined || (typeof interfaceName === 'string' && isPattern(interfaceName));
  return hasMembers ? ['interfaceName'] : ['id', 'interfaceName'];
}

function readOwnScenarios(values: Fields, spelling: ReadonlyMap<string, string>, prefix: string) {
  const input = values['testScenarios'];
  if (input === undefined) return { scenarios: undefined, mistakes: [] };
  return readScenarios(input, `${prefix}${spelling.get('testScenarios') ?? 'testScenarios'}`);
}

function invalidKeysOf(
  faults: readonly SchemaIssue[],
  scenarioMistakes: readonly Mistake[],
): ReadonlySet<string> {
  const keys = faults.map(({ path }) => String(path[0]));
  return new Set(scenarioMistakes.length > 0 ? [...keys, 'testScenarios'] : keys);
}

function explainUnknown(values: Fields, known: readonly string[], prefix: string): readonly Mistake[] {
  return Object.keys(values)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey(`${prefix}${key}`, values[key], nearest(key, known)));
}

function unknownKey(path: string, found: unknown, meant: string | undefined): Mistake {
  const rule = 'is not a setting; remove or correct it (all settings: docs/configuration.md)';
  return mistake(path, rule, meant === undefined ? { found } : { found, nearest: meant });
}

function explainFaults(
  faults: readonly SchemaIssue[],
  values: Fields,
  { spelling, prefix }: { spelling: ReadonlyMap<string, string>; prefix: string },
): readonly Mistake[] {
  return faults.flatMap((fault) => {
    const [first = '', ...inner] = fault.path;
    const key = String(first);
    const path = placeOf({ ...fault, path: inner }, `${prefix}${spelling.get(key) ?? key}`);
    const found = foundAt(fault, values);
    if (fault.unknownKeys.length === 0) {
      const meant =
        fault.choices === undefined || typeof found !== 'string' ? undefined : nearest(found, fault.choices);
      return [
        mistake(path, fault.message, meant === undefined ? { found } : { found, nearest: `'${meant}'` }),
      ];
    }
    return fault.unknownKeys.map((unknown) =>
      unknownKey(
        `${path}.${unknown}`,
        isFields(found) ? found[unknown] : undefined,
        nearest(unknown, ['down', 'up']),
      ),
    );
  });
}

function isFields(input: unknown): input is Fields {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
