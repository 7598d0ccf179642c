import { hexMark, othersBits } from '../../../models/mark.ts';
import type { Firewall, Uplink } from './firewall.ts';

/** The firewall as a file for `nft -f`. Loading it again replaces what it made, and nothing else. */
export function nftablesText(firewall: Firewall): string {
  return [
    '# Made by "failover generate nftables": a firewall that keeps each connection on the provider it began on.',
    '# Edit it, then load it with: nft -f FILE. failover itself puts the rules for the marks in place (ip rule).',
    ...firewall.remarks.map((remark) => `# NOTE: ${remark}`),
    '',
    'table inet failover-firewall',
    'delete table inet failover-firewall',
    'table inet failover-firewall {',
    ...marking(firewall),
    ...translation(firewall),
    ...forward(firewall),
    '}',
    '',
  ].join('\n');
}

function marking({ lan, dmz, mask, uplinks }: Firewall): string[] {
  const inside = set([...lan, ...dmz]);
  const begin = (one: Uplink): string => `ct state new ct mark & ${hexMark(mask)} == 0 ${begins(one, mask)}`;
  return [
    ...chain('prerouting', 'type filter hook prerouting priority mangle; policy accept;', [
      '# To send a host of yours through one provider, uncomment and fill in:',
      ...uplinks.map((one) => `#iifname ${inside} ip saddr 192.168.0.10 ${begin(one)}`),
      '# Packets from inside leave by the provider of their connection.',
      ...uplinks.map((one) => `iifname ${inside} ${goesOn(one, mask)}`),
      '# Connections from outside belong to the provider they arrive by, and answers leave by it.',
      ...uplinks.map((one) => `iifname "${one.device}" ${begin(one)}`),
    ]),
    ...chain('output', 'type route hook output priority mangle; policy accept;', [
      ...unlessMarked(mask),
      ...uplinks.map((one) => goesOn(one, mask)),
    ]),
    ...chain('postrouting', 'type filter hook postrouting priority mangle; policy accept;', [
      '# Connections from here or inside belong to the provider they leave by.',
      ...uplinks.map((one) => `oifname "${one.device}" ${begin(one)}`),
    ]),
  ];
}

function translation({ uplinks }: Firewall): string[] {
  return [
    ...chain('dstnat', 'type nat hook prerouting priority dstnat; policy accept;', [
      '# To forward a port to a server of yours, uncomment and fill in:',
      ...uplinks.map(({ device }) => `#iifname "${device}" tcp dport 80 dnat ip to 192.168.0.10:80`),
    ]),
    ...chain(
      'srcnat',
      'type nat hook postrouting priority srcnat; policy accept;',
      uplinks.flatMap(sourceNat),
    ),
  ];
}

function chain(name: string, hook: string, lines: readonly string[]): string[] {
  return [`\tchain ${name} {`, ...[hook, ...lines].filter(Boolean).map((line) => `\t\t${line}`), '\t}'];
}

/** Keeps the bits of other programs. */
function begins({ mark }: Uplink, mask: number): string {
  return `ct mark set ct mark & ${hexMark(othersBits(mask))} | ${hexMark(mark)}`;
}

function goesOn({ mark }: Uplink, mask: number): string {
  return `ct mark & ${hexMark(mask)} == ${hexMark(mark)} meta mark set meta mark & ${hexMark(othersBits(mask))} | ${hexMark(mark)}`;
}

/** What bears others' bits, such as a VPN's own packets, stays as it is. */
function unlessMarked(mask: number): string[] {
  return othersBits(mask) === 0 ? [] : [`meta mark & ${hexMark(othersBits(mask))} != 0 accept`];
}

function sourceNat({ device, nat }: Uplink): string[] {
  return [how('ipv4', 'ip', nat[4]), how('ipv6', 'ip6', nat[6])].flatMap((words) =>
    words === undefined ? [] : `oifname "${device}" ${words}`,
  );
}

function how(protocol: string, word: string, to: string | undefined): string | undefined {
  if (to === undefined) return undefined;
  return to === 'masquerade'
    ? `meta nfproto ${protocol} masquerade`
    : `meta nfproto ${protocol} snat ${word} to ${to}`;
}

/** A frame to fill in: which side may open connections to which. */
function forward({ lan, dmz, uplinks }: Firewall): string[] {
  const outside = set(uplinks.map(({ device }) => device));
  const jumps = (devices: readonly string[], name: string): string[] =>
    devices.length === 0
      ? []
      : [
          `iifname ${set(devices)} oifname ${outside} jump ${name}-wan`,
          `iifname ${outside} oifname ${set(devices)} jump wan-${name}`,
        ];
  return [
    ...chain('forward', 'type filter hook forward priority filter; policy accept;', [
      'ct state established,related accept',
      ...jumps(lan, 'lan'),
      ...jumps(dmz, 'dmz'),
    ]),
    ...(lan.length === 0
      ? []
      : [...chain('lan-wan', '', ['accept']), ...chain('wan-lan', '', [forwarded, 'reject'])]),
    ...(dmz.length === 0
      ? []
      : [...chain('dmz-wan', '', ['accept']), ...chain('wan-dmz', '', [narrow, 'accept'])]),
  ];
}

const narrow = '# Narrow this down to the services you offer.';
const forwarded = 'ct status dnat accept';

function set(devices: readonly string[]): string {
  return `{ ${devices.map((device) => `"${device}"`).join(', ')} }`;
}
