/** Echo packets as ping sockets take and give them: without IP header, identifier and checksum filled by the kernel. */
import type { Family } from '../../../models/path.ts';

const headerBytes = 8; // RFC 792, RFC 4443 4.1
const types = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

/** An echo request with `size` bytes of payload, and sequence number 0. */
export function echoRequest(family: Family, size: number): Buffer {
  const packet = Buffer.alloc(headerBytes + size);
  packet[0] = types[family].request;
  for (let i = 0; i < size; i += 1) packet[headerBytes + i] = i & 0xff; // ping(8)'s pattern: not all zero
  return packet;
}

/** Gives an echo request its sequence number, 0..65535. */
export function number(request: Buffer, sequence: number): void {
  request.writeUInt16BE(sequence, 6);
}

/** The sequence number that a packet answers; `undefined` when it is no echo reply. */
export function answeredSequence(family: Family, packet: Buffer): number | undefined {
  if (packet.length < headerBytes || packet[0] !== types[family].reply || packet[1] !== 0) return undefined;
  return packet.readUInt16BE(6);
}
