/** Providers whose interfaces are found by pattern, among those of the list. */
import type { DevicePattern, Provider } from '../../../models/provider.ts';
import { expectedDevices, isPattern } from '../values/pattern.ts';
import type { ProviderDraft } from './draft.ts';

interface Filled {
  readonly draft: ProviderDraft;
  readonly provider: Provider;
}

/** So that the named ones have the same places here and in the configuration. */
export function namedFirst(drafts: readonly ProviderDraft[]): readonly ProviderDraft[] {
  const isFound = ({ values }: ProviderDraft): boolean => isPattern(values.interfaceName);
  return [...drafts.filter((draft) => !isFound(draft)), ...drafts.filter(isFound)];
}

/** How many providers there must be marks for. */
export function roomFor(drafts: readonly ProviderDraft[]): number {
  const found = drafts.filter(({ values }) => isPattern(values.interfaceName)).length;
  return drafts.length + found * expectedDevices;
}

/** Members come where their pattern stands in the list. */
export function patternsIn(providers: readonly Filled[]): readonly DevicePattern[] {
  const [named, found] = [false, true].map((wanted) =>
    providers.filter(({ provider }) => isPattern(provider.interfaceName) === wanted),
  );
  return (found ?? []).map(({ draft, provider }) => ({
    idPrefix: draft.values.id,
    place: (named ?? []).filter((other) => other.draft.place < draft.place).length,
    template: provider,
  }));
}
