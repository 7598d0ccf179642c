import { type Family, families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { type Mistake, mistake } from '../mistake.ts';
import type { ResolvedConfig, ResolvedProvider } from '../resolve/resolve-defaults.ts';
import { maxUint32 } from '../values/names.ts';
import { isPattern } from '../values/pattern.ts';
import type { Rule } from './rule.ts';

/** What providers must not share; there must be one to use, and room for all. */
export const providerRules: readonly Rule[] = [
  { reads: [], severity: 'mistake', find: ({ providers }) => twice(providers, 'id', ({ id }) => id) },
  {
    reads: [],
    severity: 'mistake',
    find: ({ providers }) => {
      const named = providers.filter(({ provider }) => !isPattern(provider.interfaceName));
      return twice(named, 'rtTableId', ({ rtTableId }) => String(rtTableId));
    },
  },
  {
    reads: [],
    severity: 'mistake',
    find: ({ providers }) => twice(providers, 'rtTableName', ({ rtTableName }) => rtTableName),
  },
  { reads: [], severity: 'mistake', find: ({ providers }) => sharedDevices(providers) },
  { reads: [], severity: 'mistake', find: noneEnabled },
  { reads: ['startMetric'], severity: 'mistake', find: noRoom },
  { reads: [], severity: 'warning', find: noneCarries },
];

function twice(
  providers: readonly ResolvedProvider[],
  key: 'id' | 'rtTableId' | 'rtTableName',
  value: (provider: Provider) => string,
): readonly Mistake[] {
  const first = new Map<string, string>();
  return providers.flatMap(({ draft, provider }) => {
    const isKnown = !draft.invalidKeys.has(key) && !(key === 'rtTableName' && draft.invalidKeys.has('id'));
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
      return []; // the id is reported already
    const rule = `must be unique; ${earlier} has the same`;
    return mistake(`${draft.path}.${key}`, rule, { found: provider[key] });
  });
}

function sameId(providers: readonly ResolvedProvider[], path: string, { id }: Provider): boolean {
  return providers.some(({ draft, provider }) => draft.path === path && provider.id === id);
}

/** Two providers on one device must have different gateways in some family that both have. */
function sharedDevices(providers: readonly ResolvedProvider[]): readonly Mistake[] {
  const users = new Map<string, readonly ResolvedProvider[]>(); // by device, family, gateway: may be a thousand
  return providers.filter(isComparable).flatMap((one) => {
    const routers = families
      .filter((family) => has(one.provider, family))
      .map((family) => routerKey(one.provider, family));
    const others = routers.flatMap((key) => users.get(key) ?? []);
    for (const key of routers) users.set(key, [...(users.get(key) ?? []), one]);
    const twin = others.find((other) => sharesEverything(one.provider, other.provider));
    if (twin === undefined) return [];
    // One entry twice: its id says so. The ids of ranges are not the operator's.
    if (one.draft.derived === undefined && one.provider.id === twin.provider.id) return [];
    const rule = `must not lead to the same gateway as that of ${twin.draft.path}, or both would be the same line; give one of them another interface or gateway, or remove it`;
    return [mistake(`${one.draft.path}.interfaceName`, rule, { found: one.provider.interfaceName })];
  });
}

function isComparable({ draft, provider }: ResolvedProvider): boolean {
  return (
    provider.enabled &&
    !['interfaceName', 'gateway', 'gateways', 'ipv6Gateway'].some((key) => draft.invalidKeys.has(key))
  );
}

/**
 * Whether they have the same gateway in every shared family: the kernel would get the same routes for both. Those
 * that discover theirs never take the same.
 */
function sharesEverything(one: Provider, other: Provider): boolean {
  const common = families.filter((family) => has(one, family) && has(other, family));
  const mayDiffer = ({ addressing, interfaceName }: Provider, family: Family): boolean =>
    addressing[family].gateway === 'discover' && !isPattern(interfaceName);
  const isSame = (family: Family): boolean =>
    !mayDiffer(one, family) && routerKey(one, family) === routerKey(other, family);
  return common.length > 0 && common.every(isSame);
}

function routerKey({ interfaceName, addressing }: Provider, family: Family): string {
  const { gateway } = addressing[family];
  return `${interfaceName} ${family} ${gateway === 'none' ? 'auto' : gateway}`;
}

function has({ addressing }: Provider, family: Family): boolean {
  return addressing[family].address !== 'none';
}

function noneEnabled({ providers }: ResolvedConfig): readonly Mistake[] {
  if (
    providers.length === 0 ||
    providers.some(({ provider, draft }) => provider.enabled || draft.invalidKeys.has('enabled'))
  )
    return [];
  return [
    mistake('providers', 'must have at least one provider that is enabled; all of them have enabled: false'),
  ];
}

function noneCarries({ providers }: ResolvedConfig): readonly Mistake[] {
  const enabled = providers.filter(({ provider }) => provider.enabled);
  const mayCarry = enabled.some(
    ({ provider, draft }) => provider.tier !== null || draft.invalidKeys.has('tier'),
  );
  if (enabled.length === 0 || mayCarry) return [];
  return [mistake('providers', 'has none that may carry traffic: all that are enabled have tier: null')];
}

function noRoom({ settings: { startMetric }, providers }: ResolvedConfig): readonly Mistake[] {
  const largest = maxUint32 - Math.max(0, providers.length - 1);
  if (startMetric <= largest) return [];
  const rule = `must leave room for one metric per provider: at most ${largest} with ${providers.length} providers`;
  return [mistake('startMetric', rule, { found: startMetric })];
}
