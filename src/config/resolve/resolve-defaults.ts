/** The effective values: what the operator wrote, else the reaction's, else the default, and which of them it was. */
import type { Provider } from '../../../models/provider.ts';
import { publicResolvers } from '../../../models/public-resolvers.ts';
import { TestScenarioPing } from '../../../models/scenarios/ping.ts';
import type { Value } from '../../../models/setting.ts';
import { settings } from '../../../models/settings.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { defaults, firstFoundTableId, firstTableId, reactions } from '../schema/defaults.ts';
import { reviewSettings } from '../schema/schema.ts';
import { fittingMask, markOf } from '../values/marks.ts';
import { isPattern } from '../values/pattern.ts';
import type { Draft, ProviderDraft } from './draft.ts';
import { expandRange } from './gateway-range.ts';
import { namedFirst, roomFor } from './patterns.ts';
import { resolveProvider, type Source, sourcesOfProvider } from './resolve-provider.ts';

type Table = typeof settings;

/** Every setting with a value, times in milliseconds; those without a default may stay unset. */
export type Settings = {
  readonly [K in keyof Table]: Table[K] extends { default: unknown }
    ? Value<Table[K]>
    : Value<Table[K]> | undefined;
};

/** A draft with every gap filled. Invalid values are replaced by defaults, and named in `invalidKeys`. */
export interface ResolvedConfig {
  readonly settings: Settings;
  readonly invalidKeys: ReadonlySet<string>;
  readonly testScenarios: readonly TestScenario[];
  readonly entries: readonly ProviderDraft[]; // the list as written
  readonly providers: readonly ResolvedProvider[]; // the entries expanded
  readonly sources: Readonly<Record<string, Source>>;
}

/** One provider with every gap filled. */
export interface ResolvedProvider {
  readonly draft: ProviderDraft;
  readonly provider: Provider;
}

const presets = Object.fromEntries(
  (['calm', 'normal', 'fast'] as const).map((name) => [name, reviewSettings({ ...reactions[name] }).values]),
);
const base = reviewSettings({ ...defaults }).values;

/** Fills in what a draft leaves out. */
export function resolveDefaults(draft: Draft): ResolvedConfig {
  const reaction = draft.settings.reaction ?? settings.reaction.default;
  const preset = presets[reaction] ?? {};
  // `base` holds every setting that has a default.
  const filled = { ...base, ...preset, ...draft.settings } as Settings;
  const confirmInterval = draft.settings.confirmInterval ?? fittingConfirmInterval(filled);
  const sources: Record<string, Source> = {};
  for (const key of Object.keys({ ...filled, confirmInterval })) {
    if (key in draft.settings) sources[key] = 'config';
    else sources[key] = key in preset ? `reaction ${reaction}` : 'default';
  }
  sources['testScenarios'] = draft.testScenarios === undefined ? 'default' : 'config';
  return {
    settings: { ...filled, confirmInterval },
    invalidKeys: draft.invalidKeys,
    entries: draft.providers,
    testScenarios: draft.testScenarios ?? publicResolvers.map((target) => new TestScenarioPing(target)),
    ...fillInProviders(namedFirst(draft.providers.flatMap(expandRange)), sources, filled),
  };
}

/** In doubt, checks are never further apart than `checkInterval` or `minOutage`. */
function fittingConfirmInterval({ confirmInterval, checkInterval, minOutage }: Settings): number {
  return Math.min(confirmInterval, checkInterval, minOutage > 0 ? Math.max(minOutage, 10) : confirmInterval);
}

function fillInProviders(
  drafts: readonly ProviderDraft[],
  common: Readonly<Record<string, Source>>,
  { activeTableId, fwmarkMask = fittingMask(roomFor(drafts)) }: Settings,
): Pick<ResolvedConfig, 'providers' | 'sources'> {
  const sources: Record<string, Source> = { ...common };
  const taken = new Set([activeTableId, ...drafts.flatMap(({ values }) => values.rtTableId ?? [])]);
  const named = drafts.filter(({ values }) => !isPattern(values.interfaceName)).length;
  const providers = drafts.map((draft, index) => {
    const numbers =
      index < named
        ? { index, mark: markOf(index, fwmarkMask), tableId: () => freeTableId(taken, index) }
        : { index, mark: markOf(named, fwmarkMask), tableId: () => firstFoundTableId };
    const provider = resolveProvider(draft, numbers);
    for (const [key, source] of Object.entries(sourcesOfProvider(draft)))
      sources[`providers[${index}].${key}`] = source;
    return { draft, provider };
  });
  return { providers, sources };
}

/** Takes the first free number from 101 + index up. */
function freeTableId(taken: Set<number>, index: number): number {
  let id = firstTableId + index;
  while (taken.has(id) || (id >= 253 && id <= 255)) id++;
  taken.add(id);
  return id;
}
