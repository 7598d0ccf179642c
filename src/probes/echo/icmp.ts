/** Echo requests for ping sockets and raw ones alike (the kernel sets its own identifier for a ping socket). */
import type { Family } from '../../../models/path.ts';

const headerBytes = 8; // RFC 792, RFC 4443 4.1
const requestTypes = { 4: 8, 6: 128 } as const;

/** An echo request that is sent repeatedly, with a new sequence number each time. */
export class EchoRequestPacket {
  readonly bytes: Buffer;
  readonly #sum: number; // of all 16-bit words but checksum and sequence number; 0: the kernel sums

  constructor(family: Family, size: number, identifier: number) {
    this.bytes = Buffer.alloc(headerBytes + size);
    this.bytes[0] = requestTypes[family];
    this.bytes.writeUInt16BE(identifier, 4);
    for (let i = 0; i < size; i += 1) this.bytes[headerBytes + i] = i & 0xff; // ping(8)'s pattern: not all zero
    this.#sum = family === 4 ? sumOf(this.bytes) : 0;
  }

  /** Sets its sequence number, 0..65535. In IPv6 the kernel computes the checksum (RFC 3542 3.1). */
  number(sequence: number): void {
    this.bytes.writeUInt16BE(sequence, 6);
    if (this.#sum !== 0) this.bytes.writeUInt16BE(~folded(this.#sum + sequence) & 0xffff, 2);
  }
}

/** The sum of RFC 1071 1, before folding. */
function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return sum;
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return rest;
}
