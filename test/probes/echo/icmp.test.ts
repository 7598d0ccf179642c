import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EchoRequestPacket } from '../../../src/probes/echo/icmp.ts';

/** RFC 1071: over a packet with its checksum, the sum of all 16-bit words in ones' complement is 0xffff. */
function sum(bytes: Buffer): number {
  const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
  let total = 0;
  for (let i = 0; i < padded.length; i += 2) total += padded.readUInt16BE(i);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

test('EchoRequestPacket has the checksum of its sequence number in IPv4, whatever was sent before', () => {
  for (const size of [0, 1, 56, 65_507])
    for (const identifier of [0, 1, 0xffff]) {
      const packet = new EchoRequestPacket(4, size, identifier);
      for (const sequence of [0, 1, 0xfffe, 0xffff, 0, 0x8000]) {
        packet.number(sequence);
        assert.equal(sum(packet.bytes), 0xffff, `${size} ${identifier} ${sequence}`);
        assert.equal(packet.bytes.readUInt16BE(4), identifier);
        assert.equal(packet.bytes.readUInt16BE(6), sequence);
      }
    }
});

test('EchoRequestPacket leaves the checksum of IPv6 to the kernel', () => {
  const packet = new EchoRequestPacket(6, 56, 1234);
  packet.number(5);
  assert.deepEqual([...packet.bytes.subarray(0, 8)], [128, 0, 0, 0, 1234 >> 8, 1234 & 0xff, 0, 5]);
});
