import { type Family, families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { type Mistake, mistake } from '../mistake.ts';
import type { ResolvedConfig, ResolvedProvider } from '../resolve/resolve-defaults.ts';
import { maxUint32 } from '../values/names.ts';
import { isPattern } from '../values/pattern.ts';
import type { Findings } from './rule.ts';

/** What providers must not share, and that there is one to use and room for all. */
export function judgeProviders(effective: ResolvedConfig): Findings {
  const { providers } = effective;
  const named = providers.filter(({ provider }) => !isPattern(provider.interfaceName));
  return {
    mistakes: [
      ...twice(providers, 'id', ({ id }) => id),
      ...twice(named, 'rtTableId', ({ rtTableId }) => String(rtTableId)),
      ...twice(providers, 'rtTableName', ({ rtTableName }) => rtTableName),
      ...sharedDevices(providers),
      ...noneEnabled(effective),
      ...noRoom(effective),
    ],
    warnings: noneCarries(effective),
  };
}

function twice(
  providers: readonly ResolvedProvider[],
  key: 'id' | 'rtTableId' | 'rtTableName',
  value: (provider: Provider) => string,
): readonly Mistake[] {
  const first = new Map<string, string>();
  return providers.flatMap(({ draft, provider }) => {
    const isKnown = !draft.wrong.has(key) && !(key === 'rtTableName' && draft.wrong.has('id'));
    const earlier = first.get(value(provider));
    if (!isKnown) return [];
    if (earlier === undefined) {
      first.set(value(provider), draft.path);
      return [];
    }
    if (
      key === 'rtTableName' &&
      draft.values.rtTableName === undefined &&
      sameId(providers, earlier, provider)
    )
      return []; // told of the id already
    const rule = `must be unlike every other provider's; ${earlier} has the same`;
    return mistake(`${draft.path}.${key}`, rule, { found: provider[key] });
  });
}

function sameId(providers: readonly ResolvedProvider[], path: string, { id }: Provider): boolean {
  return providers.some(({ draft, provider }) => draft.path === path && provider.id === id);
}

/** Two providers on one device must differ in their gateway, in some family that both have. */
function sharedDevices(providers: readonly ResolvedProvider[]): readonly Mistake[] {
  const users = new Map<string, readonly ResolvedProvider[]>(); // by device, family and gateway: there may be a thousand
  return providers.filter(isComparable).flatMap((one) => {
    const ways = families
      .filter((family) => has(one.provider, family))
      .map((family) => way(one.provider, family));
    const others = ways.flatMap((key) => users.get(key) ?? []);
    for (const key of ways) users.set(key, [...(users.get(key) ?? []), one]);
    const twin = others.find((other) => sharesEverything(one.provider, other.provider));
    if (twin === undefined) return [];
    const rule = `must not be the interface of ${twin.draft.path} with the same gateway; give one of them another interface or gateway, or remove it`;
    return [mistake(`${one.draft.path}.interfaceName`, rule, { found: one.provider.interfaceName })];
  });
}

function isComparable({ draft, provider }: ResolvedProvider): boolean {
  return (
    provider.enabled &&
    !['interfaceName', 'gateway', 'gateways', 'ipv6Gateway'].some((key) => draft.wrong.has(key))
  );
}

/** Same gateway in every family that both have. What the kernel is asked for is the same for both. */
function sharesEverything(one: Provider, other: Provider): boolean {
  const common = families.filter((family) => has(one, family) && has(other, family));
  return common.length > 0 && common.every((family) => way(one, family) === way(other, family));
}

function way({ interfaceName, addressing }: Provider, family: Family): string {
  const { gateway } = addressing[family];
  return `${interfaceName} ${family} ${gateway === 'none' ? 'auto' : gateway}`;
}

function has({ addressing }: Provider, family: Family): boolean {
  return addressing[family].address !== 'none';
}

function noneEnabled({ providers }: ResolvedConfig): readonly Mistake[] {
  if (
    providers.length === 0 ||
    providers.some(({ provider, draft }) => provider.enabled || draft.wrong.has('enabled'))
  )
    return [];
  return [
    mistake('providers', 'must have at least one provider that is enabled; all of them have enabled: false'),
  ];
}

function noneCarries({ providers }: ResolvedConfig): readonly Mistake[] {
  const enabled = providers.filter(({ provider }) => provider.enabled);
  const mayCarry = enabled.some(({ provider, draft }) => provider.tier !== null || draft.wrong.has('tier'));
  if (enabled.length === 0 || mayCarry) return [];
  return [mistake('providers', 'has none that may carry traffic: all that are enabled have tier: null')];
}

function noRoom({ settings: { startMetric }, providers, wrong }: ResolvedConfig): readonly Mistake[] {
  const largest = maxUint32 - Math.max(0, providers.length - 1);
  if (wrong.has('startMetric') || startMetric <= largest) return [];
  const rule = `must leave room for one metric per provider: at most ${largest} with ${providers.length} providers`;
  return [mistake('startMetric', rule, { found: startMetric })];
}
