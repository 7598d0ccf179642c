/** A range of gateways: `'192.168.1.10-192.168.1.20'`, or a network in CIDR form. */
import type { Family } from '../../../models/path.ts';
import { addressAt, bitsOf, type ParseResult, readGateway, readNetwork } from './address.ts';

/** The most providers a configuration may have, members of ranges included. */
export const maxProviders = 1000;

const example = "such as '192.168.1.10-192.168.1.20' or '192.168.1.0/24'";

interface Span {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** Reads a range of at most `maxProviders` gateways; addresses are spelled as the kernel does. */
export function readGateways(text: string): ParseResult<string> {
  const reading = spanOf(text);
  if ('rule' in reading) return reading;
  const { family, first, last } = reading.value;
  const count = last - first + 1n;
  if (count <= 0n) return { rule: 'must end with an address that is not below the one it begins with' };
  if (count > BigInt(maxProviders))
    return { rule: `must hold at most ${maxProviders} gateways, but this one holds ${count}; name fewer` };
  return { value: `${addressAt(family, first)}-${addressAt(family, last)}` };
}

/** The gateways of a range that `readGateways` has read, in order. */
export function gatewaysIn(range: string): readonly string[] {
  const reading = spanOf(range);
  if ('rule' in reading) return [];
  const { family, first, last } = reading.value;
  return Array.from({ length: Number(last - first) + 1 }, (_, i) => addressAt(family, first + BigInt(i)));
}

/** The family of a range. */
export function familyOfRange(range: string): Family {
  return range.includes(':') ? 6 : 4;
}

function spanOf(text: string): ParseResult<Span> {
  if (text.includes('/')) return blockOf(text.trim());
  const ends = text.split('-').map((part) => part.trim());
  const family = familyOfRange(text);
  const addresses = ends.flatMap((end) => literal(family, end));
  const [first, last] = addresses;
  if (ends.length !== 2 || first === undefined || last === undefined)
    return {
      rule: `must be the first and the last gateway, two addresses of one family, or a network, ${example}`,
    };
  return { value: { family, first: bitsOf(first), last: bitsOf(last) } };
}

/**
 * Every address of a network that a router can have: neither the network address nor, in IPv4, the broadcast
 * address.
 */
function blockOf(text: string): ParseResult<Span> {
  const family = familyOfRange(text);
  const reading = readNetwork(family, text);
  if ('rule' in reading) return { rule: reading.rule.replace("'auto' or ", '') };
  const [base = '', length = '0'] = reading.value.split('/');
  const first = bitsOf(base);
  const host = (1n << BigInt((family === 4 ? 32 : 128) - Number(length))) - 1n;
  if (host <= 1n) return { value: { family, first, last: first + host } }; // RFC 3021, RFC 6164
  return { value: { family, first: first + 1n, last: first + host - (family === 4 ? 1n : 0n) } };
}

function literal(family: Family, text: string): readonly string[] {
  const reading = readGateway(family, text);
  return 'value' in reading && /[.:]/.test(reading.value) ? [reading.value] : [];
}
