/**
 * Other spellings of the same settings. S3's `CHECK_INTERVAL`, `test_cases` and `rt_table_id` are this program's
 * `checkInterval`, `testScenarios` and `rtTableId` spelled differently, so every setting is accepted in both forms.
 */
import { type Mistake, mistake } from '../mistake.ts';
import { providerFieldNames, settingNames } from './schema.ts';

/** An object with its keys in this program's spelling, and the operator's spelling of each. */
export interface Spelled {
  readonly values: Readonly<Record<string, unknown>>;
  readonly spelling: ReadonlyMap<string, string>; // our key → the operator's
  readonly mistakes: readonly Mistake[]; // the same setting in two spellings
  readonly warnings: readonly Mistake[]; // settings of S3 that have no meaning here
}

const topNames = [...settingNames, 'providers', 'testScenarios'];
const providerNames = [...providerFieldNames, 'testScenarios'];

const topSpellings = new Map([
  ...topNames.flatMap((name) => [[snake(name).toUpperCase(), name] as const, [snake(name), name] as const]),
  ['TEST_CASES', 'testScenarios'],
  ['test_cases', 'testScenarios'],
]);

const providerSpellings = new Map([
  ...providerNames.map((name) => [snake(name), name] as const),
  ['test_cases', 'testScenarios'],
]);

/** S3's constants for its own shell commands, and the key by which editors find a JSON Schema. */
const meaningless = new Map([
  ['DEFAULT_SHELL_OPTIONS', 'has no meaning here, as no shell is used; remove it'],
  ['$schema', undefined],
]);

/** Converts the settings of a whole configuration to this program's spelling. */
export function spellSettings(input: Readonly<Record<string, unknown>>): Spelled {
  return spellKeys(input, topSpellings, '');
}

/** Converts the fields of one provider, at `path`, to this program's spelling. */
export function spellProvider(input: Readonly<Record<string, unknown>>, path: string): Spelled {
  return spellKeys(input, providerSpellings, `${path}.`);
}

function spellKeys(
  input: Readonly<Record<string, unknown>>,
  spellings: ReadonlyMap<string, string>,
  prefix: string,
): Spelled {
  const values = new Map<string, unknown>();
  const spelling = new Map<string, string>();
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined) continue; // `gateway: undefined` in TypeScript is the same as leaving it out
    if (prefix === '' && meaningless.has(key)) {
      warnings.push(...meaninglessHere(key));
      continue;
    }
    const name = spellings.get(key) ?? key;
    const earlier = spelling.get(name);
    if (earlier !== undefined)
      mistakes.push(
        mistake(
          `${prefix}${key}`,
          `must not be set together with ${earlier}, which is the same setting; remove one`,
          {
            found: value,
          },
        ),
      );
    else {
      values.set(name, value);
      spelling.set(name, key);
    }
  }
  return { values: Object.fromEntries(values), spelling, mistakes, warnings };
}

function meaninglessHere(key: string): readonly Mistake[] {
  const reason = meaningless.get(key);
  return reason === undefined ? [] : [mistake(key, reason)];
}

/** `rtTableId` is `rt_table_id`, and `ipv4Address` is `ipv4_address`. */
function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
