/** DNS messages, written and read. The one importer of dns-packet. */
import { randomInt } from 'node:crypto';
import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { DnsReply, DnsType } from '../../../models/primitives.ts';

/** A question, and the bytes that ask it. */
export interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: DnsType;
  readonly bytes: Buffer;
}

/** What a server said. `truncated`: more than fits into a datagram, to be asked for over TCP (RFC 1035 4.2.1). */
export interface DnsMessage extends Pick<DnsReply, 'code' | 'answers' | 'ttlS'> {
  readonly truncated: boolean;
}

const truncatedFlag = 0x200;

/** A question with a number that nobody can guess, so that only who sees it can answer (RFC 5452). */
export function question(name: string, type: DnsType): Question {
  const id = randomInt(0x1_0000);
  const questions = [{ type, name, class: 'IN' as const }];
  return { id, name, type, bytes: encode({ type: 'query', id, flags: RECURSION_DESIRED, questions }) };
}

/** The answer to a question; `undefined` when the bytes are none, or are the answer to another one. */
export function readAnswer(bytes: Buffer, { id, name, type }: Question): DnsMessage | undefined {
  const packet = decoded(bytes);
  const asked = packet?.questions?.[0];
  if (packet?.id !== id || packet.type !== 'response') return undefined;
  if (asked !== undefined && (asked.type !== type || !sameName(asked.name, name))) return undefined;
  const records = (packet.answers ?? []).filter((answer) => answer.type === type);
  const ttls = (packet.answers ?? []).map((answer) => ('ttl' in answer ? (answer.ttl ?? 0) : 0));
  return {
    // dns-packet gives it, @types/dns-packet lacks it
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
    return undefined; // not DNS: whoever sent it has not answered
  }
}

function sameName(a: string, b: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');
  return plain(a) === plain(b);
}

/** A record's data as zone files write it. */
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
