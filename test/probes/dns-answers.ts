/** A DNS server's answers, made byte by byte (RFC 1035 4.1), so that they do not depend on what they test. */

/** Which side answers, and over what it was asked. */
export interface Asked {
  readonly name: string; // of the far side
  readonly overTcp: boolean;
}

/** What a server says. */
export interface Answer {
  readonly code?: number;
  readonly truncated?: boolean;
  readonly wrongId?: boolean;
  readonly ttl?: number;
  readonly records?: readonly Buffer[];
}

const A = 1;
const TXT = 16;
const AAAA = 28;
let countedQueries = 0;

/** The answer to a query; `undefined` where there is none. */
export function dnsAnswer(query: Buffer, asked: Asked): Buffer | undefined {
  const { name, type } = questionIn(query);
  const answer = answers[name]?.(type, asked);
  return answer === undefined ? undefined : encodeAnswer(query, answer);
}

/** The bytes that give an answer to a query. */
export function encodeAnswer(query: Buffer, answer: Answer): Buffer {
  const { type, end } = questionIn(query);
  const { code = 0, truncated = false, wrongId = false, ttl = 60, records = [] } = answer;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(wrongId ? query.readUInt16BE(0) ^ 1 : query.readUInt16BE(0), 0);
  header.writeUInt16BE(0x8180 | (truncated ? 0x200 : 0) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([
    header,
    query.subarray(12, end),
    ...records.map((record) => withHead(record, type, ttl)),
  ]);
}

const answers: Readonly<Record<string, (type: number, asked: Asked) => Answer | undefined>> = {
  'web.test': (type) => ({ records: addresses(type, [10, 1, 1, 2], 'fd010000000000000000000000000002') }),
  'two.test': (type) => ({
    records: [
      ...addresses(type, [10, 1, 1, 3], 'fd010000000000000000000000000003'),
      ...addresses(type, [10, 1, 1, 2], 'fd010000000000000000000000000002'),
    ],
  }),
  'fallback.test': (type) => ({
    records: [
      ...addresses(type, [10, 1, 1, 4], 'fd010000000000000000000000000004'),
      ...addresses(type, [10, 1, 1, 2], 'fd010000000000000000000000000002'),
    ],
  }),
  'counted.test': (type) => {
    countedQueries += 1;
    return { ttl: 1, records: addresses(type, [10, 1, 1, 2], 'fd010000000000000000000000000002') };
  },
  'count.test': () => ({ ttl: 0, records: [text(String(countedQueries))] }),
  'side.test': (_type, { name }) => ({ ttl: 0, records: [text(name)] }),
  'four.test': (type) => ({ records: type === A ? addresses(A, [10, 1, 1, 2], '') : [] }),
  'lie.test': (type) => ({ records: addresses(type, [6, 6, 6, 6], '00060006000600060006000600060006') }),
  'nothing.test': () => ({ code: 3 }),
  'servfail.test': () => ({ code: 2 }),
  'refused.test': () => ({ code: 5 }),
  'empty.test': () => ({}),
  'stranger.test': (type) => ({ wrongId: true, records: addresses(type, [10, 1, 1, 2], '') }),
  'long.test': (_type, { overTcp }) =>
    overTcp ? { records: [text('x'.repeat(200)), text('y'.repeat(200))] } : { truncated: true },
  'tcp-only.test': (type, { overTcp }) =>
    overTcp ? { records: addresses(type, [10, 1, 1, 2], 'fd010000000000000000000000000002') } : undefined,
};

function questionIn(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function addresses(type: number, four: readonly number[], six: string): Buffer[] {
  if (type === A) return [Buffer.from(four)];
  return type === AAAA && six !== '' ? [Buffer.from(six, 'hex')] : [];
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
}

function withHead(data: Buffer, type: number, ttl: number): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name in the question
  head.writeUInt16BE(data.length > 16 || type === TXT ? TXT : type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
