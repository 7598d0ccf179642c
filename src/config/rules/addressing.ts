import { contains } from '../../../models/address.ts';
import type { Addressing } from '../../../models/checked-provider.ts';
import { isLinkLocal } from '../../../models/link-local.ts';
import type { Family } from '../../../models/path.ts';
import { type Mistake, mistake } from '../mistake.ts';
import type { ResolvedProvider } from '../resolve/resolve-defaults.ts';
import { isLone, networkOf, reservedIn } from '../values/address.ts';
import type { Rule } from './rule.ts';

const keys = {
  4: { address: 'ipv4Address', network: 'network', gateway: 'gateway' },
  6: { address: 'ipv6Address', network: 'ipv6Network', gateway: 'ipv6Gateway' },
} as const;

/** How a provider's address, network and gateway must fit together, where they are literal. */
export const addressingRules: readonly Rule[] = [
  {
    reads: [],
    severity: 'mistake',
    find: ({ providers }) =>
      providers.flatMap((provider) => [...judge(provider, 4), ...judge(provider, 6), ...neither(provider)]),
  },
];

function judge({ draft, provider }: ResolvedProvider, family: Family): readonly Mistake[] {
  const names = keys[family];
  if (Object.values(names).some((key) => draft.invalidKeys.has(key))) return [];
  const own = provider.addressing[family];
  const at = (key: keyof Addressing, rule: string) => [
    mistake(`${draft.path}.${names[key]}`, rule, { found: own[key] }),
  ];
  if (own.address === 'none') return withoutFamily(own, at, family);
  const written = draft.values[names.address];
  if (written?.includes('/') && own.network !== 'auto' && networkOf(written) !== own.network)
    return at(
      'network',
      `must be the network of ${names.address} (${networkOf(written)}); remove one of the two`,
    );
  return [...judgeAddress(own, at, names), ...judgeGateway(own, at, names)];
}

type At = (key: keyof Addressing, rule: string) => readonly Mistake[];
type Names = (typeof keys)[Family];

function withoutFamily(own: Addressing, at: At, family: Family): readonly Mistake[] {
  const extra = (['network', 'gateway'] as const).filter((key) => own[key] !== 'auto' && own[key] !== 'none');
  return extra.flatMap((key) =>
    at(
      key,
      `must not be set, as ${keys[family].address} is 'none': this provider has no IPv${family}; remove one of them`,
    ),
  );
}

function judgeAddress({ address, network }: Addressing, at: At, names: Names): readonly Mistake[] {
  if (address === 'auto' || network === 'auto') return [];
  if (!contains(network, address))
    return at('address', `must lie in ${names.network} (${network}); correct one of them`);
  const reserved = reservedIn(network, address);
  return reserved === undefined
    ? []
    : at('address', `must not be the ${reserved} address of ${network}, which no machine can have`);
}

function judgeGateway({ address, network, gateway }: Addressing, at: At, names: Names): readonly Mistake[] {
  if (!/[.:]/.test(gateway)) return [];
  if (gateway === address)
    return at('gateway', `must not be this machine's own ${names.address}; write the provider's router`);
  if (network === 'auto' || isLone(network) || isLinkLocal(gateway)) return [];
  if (!contains(network, gateway))
    return at(
      'gateway',
      `must lie in ${names.network} (${network}), or the kernel cannot reach it; correct one of them`,
    );
  const reserved = reservedIn(network, gateway);
  return reserved === undefined
    ? []
    : at('gateway', `must not be the ${reserved} address of ${network}, which no machine can have`);
}

function neither({ draft, provider }: ResolvedProvider): readonly Mistake[] {
  if (provider.addressing[4].address !== 'none' || provider.addressing[6].address !== 'none') return [];
  const rule = "must not be 'none' where ipv4Address is too; write enabled: false to leave the provider out";
  return [mistake(`${draft.path}.ipv6Address`, rule, { found: 'none' })];
}
