/** The schema of every setting. `failover check --schema` prints it as a JSON Schema. */
import { providerFields } from '../../../models/provider-fields.ts';
import type { Values } from '../../../models/setting.ts';
import { settings } from '../../../models/settings.ts';
import { anyOf, listOf, record, review, toJsonSchema } from '../values/fields.ts';
import type { Reviewed } from '../values/schema-issue.ts';
import { scenarioSchemas } from './scenario-schema.ts';
import { schemasOf } from './setting-schema.ts';

/** Settings as parsed: those that are set, as milliseconds, ratios and canonical addresses. */
export type SettingValues = Values<typeof settings>;
/** A provider's fields as parsed. */
export type ProviderValues = Values<typeof providerFields>;

const common = record(schemasOf(settings));
const provider = record(schemasOf(providerFields)); // `draft` reports missing fields along with everything else

/** Every common setting but `providers` and `testScenarios`, in the order they are shown. */
export const settingNames: readonly string[] = Object.keys(settings);
/** Every field of a provider but `testScenarios`. */
export const providerFieldNames: readonly string[] = Object.keys(providerFields);

/** Validates the common settings one by one. */
export function reviewSettings(input: Readonly<Record<string, unknown>>): Reviewed<SettingValues> {
  return review(common, input); // `Value` matches each kind's schema: test/config/schema/schema.test.ts
}

/** Validates one provider's fields one by one. */
export function reviewProvider(input: Readonly<Record<string, unknown>>): Reviewed<ProviderValues> {
  return review(provider, input);
}

/** JSON Schema (2020-12) of a configuration in JSON, YAML or TOML, for editors. */
export function jsonSchema(): Record<string, unknown> {
  const scenarios = (description: string) => listOf(anyOf(scenarioSchemas()), description).optional();
  const providers = listOf(
    provider
      .extend({ testScenarios: scenarios('What its checks run instead of the common scenarios.') })
      .required({ interfaceName: true }),
    'The ways out to the internet, the preferred one first.',
  );
  const testScenarios = scenarios('What every check runs, unless a provider has its own.');
  const whole = common.extend({ providers, testScenarios });
  const { $schema, properties, ...rest } = toJsonSchema(whole);
  const own = { $schema: { type: 'string', description: 'Where this schema lies, for editors.' } };
  return { $schema, title: 'failover configuration', ...rest, properties: { ...own, ...Object(properties) } };
}
