import { type Family, families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import type { Effective, EffectiveProvider } from '../effective.ts';
import { type Mistake, mistake } from '../mistake.ts';
import { maxUint32 } from '../names.ts';
import type { Findings } from './rule.ts';

/** What providers must not share, and that there is one to use and room for all. */
export function judgeProviders(effective: Effective): Findings {
  const { providers } = effective;
  const shared = sharedDevices(providers);
  return {
    mistakes: [
      ...twice(providers, 'id', ({ id }) => id),
      ...twice(providers, 'rtTableId', ({ rtTableId }) => String(rtTableId)),
      ...twice(providers, 'rtTableName', ({ rtTableName }) => rtTableName),
      ...shared.mistakes,
      ...noneEnabled(effective),
      ...noRoom(effective),
    ],
    warnings: [...shared.warnings, ...noneCarries(effective)],
  };
}

function twice(
  providers: readonly EffectiveProvider[],
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

function sameId(providers: readonly EffectiveProvider[], path: string, { id }: Provider): boolean {
  return providers.some(({ draft, provider }) => draft.path === path && provider.id === id);
}

/** Two providers on one device must differ in what their packets are bound to. One finding per provider is enough. */
function sharedDevices(providers: readonly EffectiveProvider[]): Findings {
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  const users = new Map<string, readonly EffectiveProvider[]>();
  for (const one of providers.filter(isComparable)) {
    const { interfaceName } = one.provider;
    const others = users.get(interfaceName) ?? [];
    users.set(interfaceName, [...others, one]);
    const path = `${one.draft.path}.interfaceName`;
    const twin = others.find((other) => sharesEverything(one.provider, other.provider));
    if (twin !== undefined) mistakes.push(mistake(path, sameGateway(twin), { found: interfaceName }));
    else if (others[0] !== undefined)
      warnings.push(mistake(path, sameDevice(others[0]), { found: interfaceName }));
  }
  return { mistakes, warnings };
}

function sameGateway({ draft }: EffectiveProvider): string {
  return `must not be the interface of ${draft.path} with the same gateway; give one of them another interface or gateway, or remove it`;
}

function sameDevice({ draft }: EffectiveProvider): string {
  return `is also the interface of ${draft.path}: give each its own literal address, so that their packets differ`;
}

function isComparable({ draft, provider }: EffectiveProvider): boolean {
  return provider.enabled && !['interfaceName', 'gateway', 'ipv6Gateway'].some((key) => draft.wrong.has(key));
}

/** Same gateway in every family that both have. What the kernel is asked for is the same for both. */
function sharesEverything(one: Provider, other: Provider): boolean {
  const common = families.filter((family) => has(one, family) && has(other, family));
  const gateway = (provider: Provider, family: Family) => {
    const { gateway } = provider.addressing[family];
    return gateway === 'none' ? 'auto' : gateway;
  };
  return common.length > 0 && common.every((family) => gateway(one, family) === gateway(other, family));
}

function has({ addressing }: Provider, family: Family): boolean {
  return addressing[family].address !== 'none';
}

function noneEnabled({ providers }: Effective): readonly Mistake[] {
  if (
    providers.length === 0 ||
    providers.some(({ provider, draft }) => provider.enabled || draft.wrong.has('enabled'))
  )
    return [];
  return [
    mistake('providers', 'must have at least one provider that is enabled; all of them have enabled: false'),
  ];
}

function noneCarries({ providers }: Effective): readonly Mistake[] {
  const enabled = providers.filter(({ provider }) => provider.enabled);
  const mayCarry = enabled.some(({ provider, draft }) => provider.tier !== null || draft.wrong.has('tier'));
  if (enabled.length === 0 || mayCarry) return [];
  return [mistake('providers', 'has none that may carry traffic: all that are enabled have tier: null')];
}

function noRoom({ settings: { startMetric }, providers, wrong }: Effective): readonly Mistake[] {
  const largest = maxUint32 - Math.max(0, providers.length - 1);
  if (wrong.has('startMetric') || startMetric <= largest) return [];
  const rule = `must leave room for one metric per provider: at most ${largest} with ${providers.length} providers`;
  return [mistake('startMetric', rule, { found: startMetric })];
}
