/**
 * The nftables table that keeps each connection on the provider it began on. Connections are marked, under
 * our own mask, with the provider they leave or arrive by; `provider-rules` leads marked packets to the
 * provider's table.
 *
 *   prerouting   from a provider: a new connection gets its mark; else: the packet gets its connection's mark
 *   output       the packet gets its connection's mark, and is routed again
 *   postrouting  a connection without a mark gets that of the provider it leaves by
 *   srcnat       addresses are translated, where `nat` says so
 *
 * Other programs' bits are never changed, and packets that others route by their bits get none of ours
 * (`foreign-marks`). nft 1.0.6 refuses to combine two marks in one expression, hence a chain per provider.
 */

import { hexMark, othersBits } from '../../../models/mark.ts';
import { type Family, families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { hasUniqueSource, sharedSources } from '../binding/shared-source.ts';
import type { Remembered } from '../state/memory.ts';
import type { PathState, State } from '../state/state.ts';
import { leaveMarked, leaveRouted } from './foreign-marks.ts';
import { natChains, srcnat } from './nat.ts';
import { protocol, spellPart, type TablePart, type VerdictEntry, vmap, word } from './nft-syntax.ts';
import { type ClientSet, clientSets, stickLines, stickyLines } from './sticky-clients.ts';

/** The content of the table. Sets are filled by packets and outlive a change of the chains. */
export interface MarkTable {
  readonly sets: readonly TablePart[];
  readonly chains: readonly TablePart[];
}

/** The desired table; undefined where connections are not marked, or before the devices have been read. */
export function markTable(state: State): MarkTable | undefined {
  const { connectionMarks, externalMarks } = state.config;
  if (!connectionMarks || externalMarks === true || state.links === undefined) return undefined;
  const paths = [...state.paths.values()].filter(({ expected }) => expected);
  if (paths.length === 0) return undefined;
  const providers = [...new Set(paths.map(({ provider }) => provider))];
  const sets = clientSets(state.config, paths);
  return {
    sets,
    chains: [
      ...providers.flatMap((provider) => providerChains(state, provider, sets)),
      ...arrivingChains(state, paths),
      ...natChains(paths),
      ...baseChains(state, paths, providers),
    ],
  };
}

/** The table as `nft -f` takes it. */
export function spellMarkTable({ sets, chains }: MarkTable): string {
  const parts = [
    ...sets.map((set) => spellPart('set', set)),
    ...chains.map((chain) => spellPart('chain', chain)),
  ];
  return ['table inet failover {', ...parts, '}', ''].join('\n');
}

/** A table with every kind of expression that ours uses, to test whether nft and the kernel support them. */
export const markSample = `table inet failover-sample {
	set clients { type ipv4_addr . ipv4_addr; size 65536; flags dynamic,timeout; }
	chain begin { ct mark set ct mark & 0x00ffffff | 0x01000000; }
	chain on { meta mark set meta mark & 0x00ffffff | 0x01000000; }
	chain stick { update @clients { ip saddr . ip daddr timeout 10s }; }
	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		meta mark & 0x00ffffff != 0 accept
		ct direction original ct mark & 0xff000000 vmap { 0x01000000 : goto on }
	}
	chain output { type route hook output priority mangle; policy accept; }
	chain postrouting {
		type filter hook postrouting priority mangle; policy accept;
		ct mark & 0xff000000 == 0 oifname . rt ip nexthop vmap { "lo" . 192.0.2.1 : jump begin }
		ct direction original fib saddr type != local ct mark & 0xff000000 vmap { 0x01000000 : goto stick }
	}
	chain srcnat { type nat hook postrouting priority srcnat; policy accept; masquerade; }
}
`;

/** The names of the sets and chains in the table now. */
export interface Present {
  readonly sets: readonly string[];
  readonly chains: readonly string[];
}

/** One transaction that makes the table as desired from any state. Remaining sets keep their clients. */
export function spellLoading(table: MarkTable, present: Present): string {
  const stale = (kind: 'set' | 'chain'): string[] => {
    const kept = new Set(table[`${kind}s`].map(({ name }) => name));
    const gone = present[`${kind}s`].filter((name) => !kept.has(name));
    return gone.map((name) => `delete ${kind} inet failover ${name}`);
  };
  const clear = ['add table inet failover', 'flush table inet failover', ...stale('chain'), ...stale('set')];
  return `${clear.join('\n')}\n${spellMarkTable(table)}`;
}

function providerChains({ config }: State, provider: Provider, sets: readonly ClientSet[]): TablePart[] {
  const [ours, others] = [hexMark(provider.mark), hexMark(othersBits(config.fwmarkMask))];
  return [
    { name: `on-${provider.id}`, lines: [`meta mark set meta mark & ${others} | ${ours}`] },
    { name: `begin-${provider.id}`, lines: [`ct mark set ct mark & ${others} | ${ours}`] },
    ...stickLines(config, provider, sets),
  ];
}

/** Packets that arrive by a provider's device, except from its own network, which may be the operator's. */
function arrivingChains({ config }: State, paths: readonly PathState[]): TablePart[] {
  const shared = sharedSources(paths);
  return byDevice(paths).map(([, own]) => ({
    name: arriving(own),
    lines: families.flatMap((family) => {
      const here = own.filter((path) => path.family === family);
      if (here.length === 0) return [];
      const outside = fromOutside(family, here);
      const known = here.filter((path) => here.length === 1 || hasUniqueSource(path, shared));
      const begins = known.flatMap((path) => {
        const to = here.length === 1 ? '' : ` ${word(family)} daddr ${place(path)?.address}`;
        return place(path) === undefined && to !== ''
          ? []
          : [`${outside}${to} ${isNew(config.fwmarkMask)} jump begin-${path.provider.id}`];
      });
      return [...begins, `${outside} accept`];
    }),
  }));
}

function arriving([first]: readonly PathState[]): string {
  return `arriving-${first?.provider.id}`;
}

function fromOutside(family: Family, paths: readonly PathState[]): string {
  const networks = new Set(paths.flatMap((path) => place(path)?.network ?? []));
  const near = [...networks, ...(family === 6 ? ['fe80::/10'] : [])];
  return near.length === 0
    ? `meta nfproto ${protocol(family)}`
    : `${word(family)} saddr != { ${near.join(', ')} }`;
}

function baseChains(state: State, paths: readonly PathState[], providers: readonly Provider[]): TablePart[] {
  const { fwmarkMask: mask } = state.config;
  const restore = `ct mark & ${hexMark(mask)} ${vmap(providers.map(({ id, mark }) => [hexMark(mark), `goto on-${id}`]))}`;
  const devices = byDevice(paths).map(
    ([device, own]): VerdictEntry => [`"${device}"`, `jump ${arriving(own)}`],
  );
  const hook = (type: string, name: string, priority: string): string =>
    `type ${type} hook ${name} priority ${priority}; policy accept;`;
  return [
    {
      name: 'prerouting',
      lines: [
        hook('filter', 'prerouting', 'mangle'),
        `iifname ${vmap(devices)}`,
        ...leaveRouted(state),
        restore,
        ...stickyLines(state),
      ],
    },
    { name: 'output', lines: [hook('route', 'output', 'mangle'), ...leaveMarked(state), restore] },
    {
      name: 'postrouting',
      lines: [
        hook('filter', 'postrouting', 'mangle'),
        ...families.flatMap((family) => leaving(mask, family, paths)),
        ...(state.config.stickyClients === undefined ? [] : [stick(mask, providers)]),
      ],
    },
    ...srcnat(mask, hook('nat', 'postrouting', 'srcnat'), paths),
  ].filter(({ lines }) => lines.length > 0);
}

/** The device identifies the provider, or the gateway where several providers share the device. */
function leaving(mask: number, family: Family, paths: readonly PathState[]): string[] {
  const groups = byDevice(paths.filter((path) => path.family === family));
  const alone = groups.flatMap(([device, own]): VerdictEntry[] => {
    const [only] = own;
    return own.length === 1 ? [[`"${device}"`, `jump begin-${only?.provider.id}`]] : [];
  });
  const together = groups.flatMap(([device, own]): VerdictEntry[] => {
    if (own.length === 1) return [];
    const gateways = new Map<string, VerdictEntry>();
    for (const path of own) {
      const gateway = place(path)?.gateway;
      if (gateway === undefined || gateways.has(gateway)) continue;
      gateways.set(gateway, [`"${device}" . ${gateway}`, `jump begin-${path.provider.id}`]);
    }
    return [...gateways.values()];
  });
  const fresh = `meta nfproto ${protocol(family)} ${isNew(mask)}`;
  return [
    ...(alone.length === 0 ? [] : [`${fresh} oifname ${vmap(alone)}`]),
    ...(together.length === 0 ? [] : [`${fresh} oifname . rt ${word(family)} nexthop ${vmap(together)}`]),
  ];
}

/** Each packet of a forwarded connection renews its client. */
function stick(mask: number, providers: readonly Provider[]): string {
  const entries = providers.map(({ id, mark }): VerdictEntry => [hexMark(mark), `goto stick-${id}`]);
  return `ct direction original fib saddr type != local ct mark & ${hexMark(mask)} ${vmap(entries)}`;
}

/** In the original direction and without a mark of ours; this includes connections older than the table. */
function isNew(mask: number): string {
  return `ct direction original ct mark & ${hexMark(mask)} == 0`;
}

function byDevice(paths: readonly PathState[]): [string, PathState[]][] {
  const groups = new Map<string, PathState[]>();
  for (const path of paths) {
    const { interfaceName } = path.provider;
    const group = groups.get(interfaceName);
    if (group === undefined) groups.set(interfaceName, [path]);
    else group.push(path);
  }
  return [...groups];
}

function place({ binding, remembered }: PathState): Remembered | undefined {
  if (binding === undefined) return remembered;
  const { address, network, gateway } = binding;
  return { address, network, gateway };
}
