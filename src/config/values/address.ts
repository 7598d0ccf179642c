/** Literal addresses and networks: parsed strictly, spelled as the kernel does. The one importer of ipaddr.js. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addressOf, bytesOf, networkOf as networkOfAddress } from '../../../models/address.ts';
import type { Family } from '../../../models/path.ts';

/** The parsed value, or the rule that the text breaks. */
export type ParseResult<T> = { readonly value: T } | { readonly rule: string };

const example = {
  4: { address: '10.10.1.1', network: '10.10.1.0/24', gateway: '10.10.1.254' },
  6: { address: '2001:db8:1::2', network: '2001:db8:1::/64', gateway: 'fe80::1' },
} as const;

/** Reads a provider's own address: `'auto'`, `'none'`, a literal address, or one with its prefix length. */
export function readOwnAddress(family: Family, text: string): ParseResult<string> {
  if (text === 'auto' || text === 'none') return { value: text };
  const [address = '', length, ...rest] = text.split('/');
  const parsed = parseAddress(family, address);
  if (parsed === undefined || rest.length > 0 || (length !== undefined && !isLength(family, length)))
    return { rule: `must be 'auto', 'none' or an IPv${family} address such as '${example[family].address}'` };
  if (!isUnicast(parsed) || parsed.range() === 'linkLocal')
    return {
      rule: `must be an address of this machine that the internet can answer, such as '${example[family].address}'`,
    };
  return { value: length === undefined ? spell(parsed) : `${spell(parsed)}/${length}` };
}

/** Reads a gateway: `'auto'`, `'none'`, `'peer'`, `'discover'` or a literal address. */
export function readGateway(family: Family, text: string): ParseResult<string> {
  if (['auto', 'none', 'peer', 'discover'].includes(text)) return { value: text };
  const parsed = parseAddress(family, text);
  if (parsed === undefined || !isUnicast(parsed))
    return {
      rule: `must be 'auto', 'none', 'peer', 'discover' or an IPv${family} address such as '${example[family].gateway}'`,
    };
  return { value: spell(parsed) };
}

/** Reads a connected network: `'auto'`, or CIDR form without host bits. */
export function readNetwork(family: Family, text: string): ParseResult<string> {
  if (text === 'auto') return { value: text };
  const [address = '', length = '', ...rest] = text.split('/');
  const parsed = parseAddress(family, address);
  if (parsed === undefined || rest.length > 0 || !isLength(family, length))
    return { rule: `must be 'auto' or an IPv${family} network such as '${example[family].network}'` };
  const network = networkOf(`${spell(parsed)}/${length}`);
  if (network !== `${spell(parsed)}/${length}`)
    return { rule: `must be a network, without host bits: write '${network}'` };
  return { value: network };
}

/** Reads a network of either family in CIDR form. */
export function readAnyNetwork(text: string): ParseResult<string> {
  const reading = readNetwork(text.includes(':') ? 6 : 4, text === 'auto' ? '' : text);
  return 'rule' in reading ? { rule: reading.rule.replace("'auto' or ", '') } : reading;
}

/** Reads a routed destination: a network of either family, or `'default'`. */
export function readManaged(text: string): ParseResult<string> {
  if (text === 'default') return { value: text };
  const reading = readAnyNetwork(text);
  if ('rule' in reading) return { rule: reading.rule.replace('must be an', "must be 'default' or an") };
  const isDefault = reading.value.endsWith('/0');
  return isDefault ? { rule: "must be written 'default', which stands for both families" } : reading;
}

/** Reads how source addresses are translated: `'none'`, `'masquerade'` or a literal address. */
export function readNat(family: Family, text: string): ParseResult<string> {
  if (text === 'none' || text === 'masquerade') return { value: text };
  const parsed = parseAddress(family, text);
  if (parsed !== undefined && isUnicast(parsed)) return { value: spell(parsed) };
  const { address } = example[family];
  return { rule: `must be 'none', 'masquerade' or an IPv${family} address such as '${address}'` };
}

/** Reads a target: a literal unicast address of either family, a name, or `'gateway'`. */
export function readTarget(text: string): ParseResult<string> {
  return isHostName(text)
    ? { value: text.toLowerCase() }
    : readServer(text, ", a name such as 'example.com'");
}

/** Reads a server to query: a literal unicast address of either family, or `'gateway'`. */
export function readServer(text: string, or = ''): ParseResult<string> {
  if (text === 'gateway') return { value: text };
  const parsed = parseAddress(4, text) ?? parseAddress(6, text);
  if (parsed === undefined)
    return { rule: `must be an address such as '1.1.1.1' or '2606:4700:4700::1111'${or}, or 'gateway'` };
  if (!isUnicast(parsed)) return { rule: 'must be a unicast address of another machine' };
  return { value: spell(parsed) };
}

/** Reads a nameserver: as `readServer`, or `'lease'` for those that a DHCP client reported. */
export function readNameserver(text: string): ParseResult<string> {
  const reading = text === 'lease' ? { value: text } : readServer(text);
  return 'rule' in reading
    ? { rule: reading.rule.replace(", or 'gateway'", ", 'gateway' or 'lease'") }
    : reading;
}

/** Whether a text is a name of more than one label, not ending in a number (RFC 1123 2.1). */
export function isHostName(text: string): boolean {
  const label = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;
  const labels = text.replace(/\.$/, '').split('.');
  const last = labels.at(-1) ?? '';
  return (
    text.length <= 253 && labels.length > 1 && labels.every((part) => label.test(part)) && !/^\d+$/.test(last)
  );
}

/** The network of an address with prefix length: `'10.1.2.3/24'` is in `'10.1.2.0/24'`. */
export function networkOf(cidr: string): string {
  const { address, length } = partsOf(cidr);
  return networkOfAddress(address, length);
}

/** The other half of the next larger network, and that network. A whole family has neither. */
export function siblingOf(network: string): { sibling: string | undefined; parent: string } {
  const { address, length } = partsOf(network);
  if (length === 0) return { sibling: undefined, parent: network };
  const bytes = bytesOf(address);
  const at = Math.floor((length - 1) / 8);
  bytes[at] = (bytes[at] ?? 0) ^ (0x80 >> ((length - 1) % 8));
  return { sibling: `${addressOf(bytes)}/${length}`, parent: networkOfAddress(address, length - 1) };
}

function partsOf(cidr: string): { address: string; length: number } {
  const [address = '', length] = cidr.split('/');
  return { address, length: Number(length) };
}

/** Whether a network holds a single address, so that any gateway is outside it: /32 and /128. */
export function isLone(network: string): boolean {
  return network.endsWith(network.includes(':') ? '/128' : '/32');
}

/** Why no machine may have this address: it is its IPv4 network's first or last, except in /31 and /32 (RFC 3021). */
export function reservedIn(network: string, address: string): 'network' | 'broadcast' | undefined {
  const { address: base, length } = partsOf(network);
  if (base.includes(':') || length >= 31) return undefined;
  if (address === base) return 'network';
  const last = bitsOf(base) + (1n << BigInt(32 - length)) - 1n;
  return bitsOf(address) === last ? 'broadcast' : undefined;
}

/** A literal address as a number, to count from. */
export function bitsOf(address: string): bigint {
  return bytesOf(address).reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

/** The address with that number. */
export function addressAt(family: Family, bits: bigint): string {
  const length = family === 4 ? 4 : 16;
  return addressOf(
    Uint8Array.from({ length }, (_, i) => Number((bits >> BigInt(8 * (length - 1 - i))) & 255n)),
  );
}

type Address = ReturnType<typeof ipaddr.parse>;

/** Stricter than ipaddr.js, which also takes '10.1' and octal parts. Zones are refused: the interface is known. */
function parseAddress(family: Family, text: string): Address | undefined {
  if (isIP(text) !== family || text.includes('%')) return undefined;
  return ipaddr.parse(text);
}

function isLength(family: Family, text: string): boolean {
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= (family === 4 ? 32 : 128);
}

function isUnicast(address: Address): boolean {
  const range: string = address.range();
  return !['unspecified', 'multicast', 'broadcast', 'loopback', 'ipv4Mapped'].includes(range);
}

function spell(address: Address): string {
  return addressOf(Uint8Array.from(address.toByteArray()));
}
