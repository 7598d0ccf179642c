import type { Config } from '../../models/config.ts';
import { type Family, families, type PathKey, pathKey } from '../../models/path.ts';
import type { Provider } from '../../models/provider.ts';
import type { TestScenario } from '../../models/test-scenario.ts';

/** The settings of one path's checks. */
export interface PathSettings {
  readonly provider: Provider;
  readonly family: Family;
  readonly scenarios: readonly TestScenario[]; // those that can run in the family
  readonly requiredSuccessful: number | 'all';
  readonly checkIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly minOutageMs: number;
  readonly nameservers: readonly string[];
}

/** The settings of every path; a provider's own override the common ones. */
export function settingsByPath(config: Config): Map<PathKey, PathSettings> {
  const { requiredSuccessful, checkIntervalMs, checkTimeoutMs, minOutageMs, nameservers = [] } = config;
  const settings = new Map<PathKey, PathSettings>();
  for (const provider of config.providers) {
    const scenarios = provider.testScenarios ?? config.testScenarios;
    for (const family of families) {
      settings.set(pathKey(provider.id, family), {
        provider,
        family,
        scenarios: scenarios.filter((scenario) => scenario.families.includes(family)),
        requiredSuccessful: provider.requiredSuccessful ?? requiredSuccessful,
        checkIntervalMs,
        checkTimeoutMs,
        minOutageMs,
        nameservers: provider.nameservers ?? nameservers,
      });
    }
  }
  return settings;
}
