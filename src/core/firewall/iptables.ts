import { hexMark, othersBits } from '../../../models/mark.ts';
import type { Family } from '../../../models/path.ts';
import type { Firewall, Uplink } from './firewall.ts';

/** The firewall as `iptables-save` writes it, for `iptables-restore` or, in IPv6, `ip6tables-restore`. */
export function iptablesText(firewall: Firewall, family: Family): string {
  const tool = family === 4 ? 'iptables' : 'ip6tables';
  return [
    `# Made by "failover generate ${tool}": a firewall that keeps each connection on the provider it began on.`,
    `# Edit it, then load it with: ${tool}-restore FILE. That replaces the tables mangle, nat and filter; with --noflush it adds.`,
    '# failover itself puts the rules for the marks in place (ip rule).',
    ...firewall.remarks.map((remark) => `# NOTE: ${remark}`),
    ...table('mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'], mangle(firewall, family)),
    ...table('nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], nat(firewall, family)),
    ...table('filter', ['INPUT', 'FORWARD', 'OUTPUT'], filter(firewall), chains(firewall)),
    '',
  ].join('\n');
}

function table(
  name: string,
  hooks: readonly string[],
  lines: readonly string[],
  own: readonly string[] = [],
): string[] {
  const heads = [...hooks.map((hook) => `:${hook} ACCEPT [0:0]`), ...own.map((chain) => `:${chain} - [0:0]`)];
  return [`*${name}`, ...heads, ...lines, 'COMMIT'];
}

function mangle({ lan, dmz, mask, uplinks }: Firewall, family: Family): string[] {
  const ours = hexMark(mask);
  const isNew = `-m conntrack --ctstate NEW -m connmark --mark 0x0/${ours}`;
  const begin = ({ mark }: Uplink): string => `-j CONNMARK --set-xmark ${hexMark(mark)}/${ours}`;
  const isPlain = othersBits(mask) === 0 ? '' : `-m mark --mark 0x0/${hexMark(othersBits(mask))} `;
  const goesOn = `-j CONNMARK --restore-mark --nfmask ${ours} --ctmask ${ours}`;
  const inside = [...lan, ...dmz];
  return [
    '# To send a host of yours through one provider, uncomment and fill in:',
    ...uplinks.map((one) => `#-A PREROUTING -i ${inside[0]} -s ${host(family)} ${isNew} ${begin(one)}`),
    '# Packets from inside leave by the provider of their connection.',
    ...inside.map((device) => `-A PREROUTING -i ${device} ${goesOn}`),
    '# Connections from outside belong to the provider they arrive by, and answers leave by it.',
    ...uplinks.map((one) => `-A PREROUTING -i ${one.device} ${isNew} ${begin(one)}`),
    `-A OUTPUT ${isPlain}${goesOn}`,
    '# Connections from here or inside belong to the provider they leave by.',
    ...uplinks.map((one) => `-A POSTROUTING -o ${one.device} ${isNew} ${begin(one)}`),
  ];
}

function nat({ uplinks }: Firewall, family: Family): string[] {
  const to = family === 4 ? `${host(4)}:80` : `[${host(6)}]:80`;
  return [
    '# To forward a port to a server of yours, uncomment and fill in:',
    ...uplinks.map(
      ({ device }) => `#-A PREROUTING -i ${device} -p tcp --dport 80 -j DNAT --to-destination ${to}`,
    ),
    ...uplinks.flatMap(({ device, nat: { [family]: source } }) => {
      if (source === undefined) return [];
      const how = source === 'masquerade' ? 'MASQUERADE' : `SNAT --to-source ${source}`;
      return `-A POSTROUTING -o ${device} -j ${how}`;
    }),
  ];
}

function chains({ lan, dmz }: Firewall): string[] {
  return [
    ...(lan.length === 0 ? [] : ['LAN_WAN', 'WAN_LAN']),
    ...(dmz.length === 0 ? [] : ['DMZ_WAN', 'WAN_DMZ']),
  ];
}

/** A frame to fill in: which side may open connections to which. */
function filter({ lan, dmz, uplinks }: Firewall): string[] {
  const between = (devices: readonly string[], out: string, back: string): string[] =>
    devices.flatMap((inner) =>
      uplinks.flatMap(({ device }) => [
        `-A FORWARD -i ${inner} -o ${device} -j ${out}`,
        `-A FORWARD -i ${device} -o ${inner} -j ${back}`,
      ]),
    );
  return [
    '-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    ...between(lan, 'LAN_WAN', 'WAN_LAN'),
    ...between(dmz, 'DMZ_WAN', 'WAN_DMZ'),
    ...(lan.length === 0
      ? []
      : ['-A LAN_WAN -j ACCEPT', '-A WAN_LAN -m conntrack --ctstate DNAT -j ACCEPT', '-A WAN_LAN -j REJECT']),
    ...(dmz.length === 0
      ? []
      : ['-A DMZ_WAN -j ACCEPT', '# Narrow this down to the services you offer.', '-A WAN_DMZ -j ACCEPT']),
  ];
}

function host(family: Family): string {
  return family === 4 ? '192.168.0.10' : 'fd00::10';
}
