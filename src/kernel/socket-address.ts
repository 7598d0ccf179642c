import { endianness } from 'node:os';
import type { Family } from '../../models/path.ts';

const littleEndian = endianness() === 'LE';
const families = { 4: 2, 6: 10 } as const; // AF_INET, AF_INET6

/** `struct sockaddr_in` or `sockaddr_in6` with port 0. `scopeId`: the device's index, for a link-local address. */
export function socketAddress(family: Family, address: Uint8Array, scopeId: number): Buffer {
  const bytes = Buffer.alloc(family === 4 ? 16 : 28);
  writeHostOrder16(bytes, families[family], 0);
  bytes.set(address, family === 4 ? 4 : 8);
  if (family === 6 && littleEndian) bytes.writeUInt32LE(scopeId, 24);
  else if (family === 6) bytes.writeUInt32BE(scopeId, 24);
  return bytes;
}

/** Writes a 16-bit number in host byte order. */
export function writeHostOrder16(bytes: Buffer, value: number, at: number): void {
  if (littleEndian) bytes.writeUInt16LE(value, at);
  else bytes.writeUInt16BE(value, at);
}

/** Reads a 32-bit number in host byte order. */
export function readHostOrder32(bytes: Buffer, at: number): number {
  return littleEndian ? bytes.readInt32LE(at) : bytes.readInt32BE(at);
}
