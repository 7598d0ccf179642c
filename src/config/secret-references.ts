import type { Config } from '../../models/config.ts';
import { isSecret } from '../../models/secret.ts';

/** A secret that a configuration names. */
export interface SecretReference {
  readonly path: string; // where: 'testScenarios[0].headers.authorization'
  readonly name: string;
}

/** The secrets that a configuration's scenarios reference; those used in an operator's own code are not known. */
export function secretReferences({
  testScenarios,
  providers,
  patterns = [],
}: Config): readonly SecretReference[] {
  const all = [...providers, ...patterns.map(({ template }) => template)];
  return [
    ...within(testScenarios, 'testScenarios'),
    ...all.flatMap(({ testScenarios: own }, i) => within(own, `providers[${i}].testScenarios`)),
  ];
}

/** One of our scenarios has everything in `plain`. */
function within(value: unknown, path: string): readonly SecretReference[] {
  if (isSecret(value)) return [{ path, name: value.secret }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, i) => within(item, `${path}[${i}]`));
  if ('plain' in value) return within(value.plain, path);
  if (Object.getPrototypeOf(value) !== Object.prototype) return []; // an operator's own, or a regular expression
  return Object.entries(value).flatMap(([key, item]) => within(item, `${path}.${key}`));
}
