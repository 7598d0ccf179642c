/** Encodes and decodes DNS messages. The one importer of dns-packet. */
import { randomInt } from 'node:crypto';
import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { DnsReply, DnsType } from '../../../models/primitives.ts';

/** A DNS question, and its encoding. */
export interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: DnsType;
  readonly bytes: Buffer;
}

/** A server's answer. `truncated`: it does not fit into a datagram, and must be queried over TCP (RFC 1035 4.2.1). */
export interface DnsMessage extends Pick<DnsReply, 'code' | 'answers' | 'ttlS'> {
  readonly truncated: boolean;
}

const truncatedFlag = 0x200;

/** A question with an unguessable id, so that only those who see it can answer (RFC 5452). */
export function question(name: string, type: DnsType): Question {
  const id = randomInt(0x1_0000);
  const questions = [{ type, name, class: 'IN' as const }];
  return { id, name, type, bytes: encode({ type: 'query', id, flags: RECURSION_DESIRED, questions }) };
}

/** Decodes the answer to a question; `undefined` if the bytes are not one, or answer another question. */
export function readAnswer(bytes: Buffer, { id, name, type }: Question): DnsMessage | undefined {
  const packet = decoded(bytes);
  const echoed = packet?.questions?.[0];
  if (packet?.id !== id || packet.type !== 'response') return undefined;
  if (echoed !== undefined && (echoed.type !== type || !sameName(echoed.name, name))) return undefined;
  const records = (packet.answers ?? []).filter((answer) => answer.type === type);
  const ttls = (packet.answers ?? []).map((answer) => ('ttl' in answer ? (answer.ttl ?? 0) : 0));
  return {
    // dns-packet sets it, @types/dns-packet lacks it
    code: 'rcode' in packet ? String(packet.rcode) : 'NOERROR',
    answers: records.map(textOf),
    ttlS: ttls.length === 0 ? 0 : Math.min(...ttls),
    truncated: ((packet.flags ?? 0) & truncatedFlag) !== 0,
  };
}

function decoded(bytes: Buffer): DecodedPacket | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined; // not DNS, so not an answer
  }
}

function sameName(a: string, b: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');
  return plain(a) === plain(b);
}

/** A record's data in the format of zone files. */
function textOf(answer: Answer): string {
  switch (answer.type) {
    case 'MX':
      return `${answer.data.preference ?? 0} ${answer.data.exchange}`;
    case 'SRV':
      return `${answer.data.priority ?? 0} ${answer.data.weight ?? 0} ${answer.data.port} ${answer.data.target}`;
    case 'SOA':
      return `${answer.data.mname} ${answer.data.rname} ${answer.data.serial}`;
    case 'TXT':
      return [answer.data].flat().join('');
    default:
      return 'data' in answer ? String(answer.data) : '';
  }
}
