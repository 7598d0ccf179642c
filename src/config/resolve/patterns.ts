/** Providers of the list whose interfaces are found by pattern. */
import type { DevicePattern, Provider } from '../../../models/provider.ts';
import { expectedDevices, isPattern } from '../values/pattern.ts';
import type { ProviderDraft } from './draft.ts';

interface Filled {
  readonly draft: ProviderDraft;
  readonly provider: Provider;
}

/** Named providers first, so that they have the same indexes here and in the configuration. */
export function namedFirst(drafts: readonly ProviderDraft[]): readonly ProviderDraft[] {
  const isFound = ({ values }: ProviderDraft): boolean => isPattern(values.interfaceName);
  return [...drafts.filter((draft) => !isFound(draft)), ...drafts.filter(isFound)];
}

/** How many providers to provide marks for. */
export function roomFor(drafts: readonly ProviderDraft[]): number {
  const found = drafts.filter(({ values }) => isPattern(values.interfaceName)).length;
  return drafts.length + found * expectedDevices;
}

/** The patterns; members take their pattern's place in the list. */
export function patternsIn(providers: readonly Filled[]): readonly DevicePattern[] {
  const [named, found] = [false, true].map((isFound) =>
    providers.filter(({ provider }) => isPattern(provider.interfaceName) === isFound),
  );
  return (found ?? []).map(({ draft, provider }) => ({
    idPrefix: draft.values.id,
    place: (named ?? []).filter((other) => other.draft.place < draft.place).length,
    template: provider,
  }));
}
