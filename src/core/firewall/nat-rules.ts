/** Which lines a firewall's own rules translate addresses for: a rule for one device alone breaks a LAN on the others. */
import { type Family, families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';

/** A rule that translates source addresses. */
export interface NatRule {
  readonly families: readonly Family[];
  readonly text: string; // as the firewall prints it
  readonly devices: readonly string[] | 'all'; // names, or patterns that end in * or +
  readonly source: string; // whose addresses; '': everybody's
}

/** A provider whose device is left out by a rule for another's. */
export interface UncoveredProvider {
  readonly index: number; // in the list of providers
  readonly family: Family;
  readonly rule: NatRule;
}

/** The rules in the output of `nft list ruleset`, without those of our own table. */
export function readNftNat(ruleset: string): NatRule[] {
  let table = '';
  return ruleset.split('\n').flatMap((line) => {
    table = /^table (.+) \{/.exec(line)?.[1] ?? table;
    const translates = /\b(?:masquerade|snat)\b|\bxt(?: target "|_)(?:MASQUERADE|SNAT)\b/.test(line);
    if (!translates || !line.startsWith('\t\t') || table === 'inet failover') return [];
    const [, several, one] = /\boif(?:name)? (?:\{ ([^}]*) \}|"([^"]*)")/.exec(line) ?? [];
    const devices = several?.split(', ').map((name) => name.replaceAll('"', '')) ?? (one && [one]) ?? 'all';
    const source = /\bip6? saddr (?:!= )?(?:\{[^}]*\}|\S+)/.exec(line)?.[0] ?? '';
    return {
      families: familiesOf(table, line),
      text: withoutCounter(line),
      devices: devices || 'all',
      source,
    };
  });
}

/** The rules in the output of `iptables-legacy-save` or `ip6tables-legacy-save`. */
export function readSavedNat(family: Family, saved: string): NatRule[] {
  const lines = saved.split('\n').filter((line) => / -j (?:MASQUERADE|SNAT)\b/.test(line));
  return lines.map((text) => {
    const device = /(?<!!) -o (\S+)/.exec(text)?.[1];
    const source = /(?:! )?-s \S+/.exec(text)?.[0] ?? '';
    return { families: [family], text, devices: device === undefined ? 'all' : [device], source };
  });
}

/** Each provider without `nat` whose device no rule covers, though another's is: one for each device and family. */
export function uncoveredProviders(
  rules: readonly NatRule[],
  providers: readonly Provider[],
): UncoveredProvider[] {
  return families.flatMap((family) => {
    const own = rules.filter((rule) => rule.families.includes(family));
    const partial = own.filter((rule) => providers.some((provider) => isFor(rule, provider.interfaceName)));
    const seen = new Set<string>();
    return providers.flatMap(({ enabled, interfaceName, nat }, index) => {
      if (!enabled || nat[family] !== 'none' || seen.has(interfaceName)) return [];
      seen.add(interfaceName);
      const rule = partial.find((each) => !isCovered(interfaceName, each, own));
      return rule === undefined ? [] : { index, family, rule };
    });
  });
}

/** Whether another rule translates on a device what this one translates on its own. */
function isCovered(device: string, { source }: NatRule, rules: readonly NatRule[]): boolean {
  return rules.some((rule) => {
    const isSame = rule.source === '' || rule.source === source;
    return rule.devices === 'all' ? isSame : (isSame || source === '') && isFor(rule, device);
  });
}

function isFor({ devices }: NatRule, device: string): boolean {
  if (devices === 'all') return false;
  return devices.some((name) =>
    /[*+]$/.test(name) ? device.startsWith(name.slice(0, -1)) : name === device,
  );
}

function familiesOf(table: string, line: string): readonly Family[] {
  if (table.startsWith('ip ') || /\bnfproto ipv4\b|\bip saddr\b/.test(line)) return [4];
  if (table.startsWith('ip6 ') || /\bnfproto ipv6\b|\bip6 saddr\b/.test(line)) return [6];
  return families;
}

function withoutCounter(line: string): string {
  return line.replace(/ counter(?: packets \d+ bytes \d+)?\b/, '').trim();
}
