import { resolve } from 'node:path';
import type { Config, OpenNumbers, ParsedSettings } from '../../../models/config.ts';
import type { Setting } from '../../../models/setting.ts';
import { settings } from '../../../models/settings.ts';
import { excludedNetworks } from '../values/excludes.ts';
import { isPattern } from '../values/pattern.ts';
import { connectionsOf } from './connections.ts';
import { patternsIn, roomFor } from './patterns.ts';
import type { ResolvedConfig, Settings } from './resolve-defaults.ts';

/** The configuration as the rest of the program knows it. `folder`: where a relative sticky file is. */
export function toConfig(resolved: ResolvedConfig, folder: string): Config {
  const { settings: values, providers, testScenarios } = resolved;
  const { pathspace, tag = settings.frr.fields.tag.default } = values.frr;
  const list = providers.map(({ provider }) => provider);
  const templates = list.filter(({ interfaceName }) => isPattern(interfaceName));
  return {
    ...parsedSettings(values),
    stickyProviderFilename: resolve(folder, values.stickyProviderFilename),
    excludes: excludedNetworks(values.excludes),
    nameservers: values.nameservers,
    ...(values.backend === 'frr' ? { frr: { pathspace, tag } } : {}),
    // A pattern may match several devices.
    ...connectionsOf(values, [...list, ...templates], roomFor(providers.map(({ draft }) => draft))),
    providers: list.filter((provider) => !templates.includes(provider)),
    ...(templates.length === 0 ? {} : { patterns: patternsIn(providers) }),
    testScenarios,
    open: openNumbers(resolved),
  };
}

/** What the operator did not write. Tables of devices found by pattern are numbered when they appear. */
function openNumbers({ sources, providers }: ResolvedConfig): OpenNumbers {
  const isOpen = (name: string): boolean => sources[name] !== 'config';
  const without = providers.filter(
    ({ draft, provider }) => draft.values.rtTableId === undefined && !isPattern(provider.interfaceName),
  );
  return {
    tables: without.map(({ provider }) => provider.id),
    ...(isOpen('activeTableId') && { activeTableId: true }),
    ...(isOpen('rulePreference') && { rulePreference: true }),
    ...(isOpen('startMetric') && { startMetric: true }),
    ...(isOpen('fwmarkMask') && { fwmarkMask: true }),
  };
}

/** Durations get their unit appended to their names. */
function parsedSettings(values: Settings): ParsedSettings {
  const kept = Object.entries<Setting>(settings).filter(([, { isReshaped }]) => isReshaped !== true);
  const named = kept.map(([name, { kind }]) => [
    kind === 'duration' ? `${name}Ms` : name,
    Reflect.get(values, name),
  ]);
  return Object.fromEntries(named) as ParsedSettings; // follows the same rule as the type
}
