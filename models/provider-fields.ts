/** Every field of a provider except `testScenarios`, declared only here, like the settings in `models/settings.ts`. */
import type { Setting } from './setting.ts';

/** A field of a provider. */
export type ProviderField = Setting & {
  readonly from?: `from ${string}`; // where the value comes from if unset, when not from a default
  readonly mayBeAbsent?: true; // if unset, absent from `Provider`: the common value applies, or no limit
  readonly isShown?: false; // no row of `failover check`
};

export const providerFields = {
  id: {
    kind: 'text',
    form: 'id',
    docs: 'Your name for the provider, used in `sticky.provider` and every command.',
  },
  interfaceName: {
    kind: 'text',
    form: 'device or pattern',
    docs: "Its network interface; a pattern such as 'wan*' or 'auto' for each that matches, or has a default route.",
  },
  ipv4Address: {
    kind: 'text',
    isReshaped: true,
    form: 'own IPv4 address',
    default: 'auto',
    docs: 'Own IPv4 address, with or without prefix length.',
  },
  network: {
    kind: 'text',
    isReshaped: true,
    form: 'IPv4 network',
    default: 'auto',
    docs: 'Connected IPv4 network in CIDR form.',
  },
  gateway: { kind: 'text', isReshaped: true, form: 'IPv4 gateway', default: 'auto', docs: 'IPv4 gateway.' },
  gateways: {
    kind: 'text',
    isReshaped: true,
    form: 'gateway range',
    isShown: false, // its members are
    docs: "A range of gateways such as '192.168.1.10-192.168.1.20', or a network in CIDR form: a provider for each.",
  },
  ipv6Address: {
    kind: 'text',
    isReshaped: true,
    form: 'own IPv6 address',
    default: 'auto',
    docs: 'Own IPv6 address, with or without prefix length.',
  },
  ipv6Network: {
    kind: 'text',
    isReshaped: true,
    form: 'IPv6 network',
    default: 'auto',
    docs: 'Connected IPv6 network in CIDR form.',
  },
  ipv6Gateway: {
    kind: 'text',
    isReshaped: true,
    form: 'IPv6 gateway',
    default: 'auto',
    docs: 'IPv6 gateway.',
  },
  rtTableId: {
    kind: 'tableId',
    docs: "Number of the provider's own routing table; from 101 on, if unset.",
  },
  rtTableName: {
    kind: 'text',
    form: 'table name',
    from: 'from id',
    docs: "The table's name in rt_tables; the id, if unset.",
  },
  tier: {
    kind: 'tier',
    from: 'from its place in the list',
    docs: 'Rank, lower is preferred; null: never gets new traffic. Its place in the list, if unset.',
  },
  weight: {
    kind: 'whole',
    range: [1, 256],
    default: 1,
    docs: 'Share of new connections within a tier.',
  },
  enabled: { kind: 'yesNo', default: true, docs: 'False: neither checked nor routed.' },
  nat: {
    kind: 'text',
    isReshaped: true,
    form: 'IPv4 NAT',
    default: 'none',
    docs: "'masquerade', or the address connections are translated to.",
  },
  ipv6Nat: { kind: 'text', isReshaped: true, form: 'IPv6 NAT', default: 'none', docs: 'The same for IPv6.' },
  roaming: {
    kind: 'choice',
    of: ['use', 'avoid'],
    default: 'use',
    docs: "'avoid': while its modem roams, it is used only when no other provider is reliable.",
  },
  onFailback: {
    kind: 'text',
    form: 'on failback',
    default: 'soft',
    docs: "Its connections when a better provider takes over again: 'soft', 'hard' or 'drain 10m'.",
  },
  nameservers: {
    kind: 'texts',
    mayBeAbsent: true,
    form: 'server',
    from: 'from the common nameservers',
    docs: 'The servers that resolve names through this provider instead of the common ones.',
  },
  probeBudget: {
    kind: 'bytes',
    mayBeAbsent: true,
    range: ['1kB', '1TB'],
    per: 'an hour',
    docs: 'What its checks may cost while it is a standby, in bytes an hour.',
  },
  requiredSuccessful: {
    kind: 'required',
    mayBeAbsent: true,
    from: 'from the common requiredSuccessful',
    docs: 'Scenarios of a check that must pass, or what they must weigh together.',
  },
} as const satisfies Readonly<Record<string, ProviderField>>;
