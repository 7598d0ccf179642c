/**
 * The size of packets on the wire, in bytes: whole IP packets both ways, without link framing and retransmissions. An
 * estimate where only the kernel knows: acknowledgements and the end of a connection.
 */
import type { Family } from '../../models/path.ts';

const ipHeader: Readonly<Record<Family, number>> = { 4: 20, 6: 40 };
const mtu = 1500;
const icmpHeader = 8;
const udpHeader = 8;
const tcpHeader = 32; // with timestamps (RFC 7323)
const tcpOpening = 40; // header and options of SYN and SYN+ACK on Linux
const closingPackets = 3; // FIN, FIN+ACK, ACK

/** One ICMP echo, or its answer, with `size` bytes of payload. */
export function echoBytes(family: Family, size: number): number {
  const payload = icmpHeader + size;
  return payload + ipHeader[family] * Math.ceil(payload / (mtu - ipHeader[family]));
}

/** One UDP datagram with `size` bytes of payload. */
export function datagramBytes(family: Family, size: number): number {
  return ipHeader[family] + udpHeader + size;
}

/**
 * One neighbour solicitation or answer: ARP (RFC 826), or neighbour discovery with link-layer address (RFC
 * 4861 4.3).
 */
export function neighbourBytes(family: Family): number {
  return family === 4 ? 28 : ipHeader[6] + 24 + 8;
}

/** A TCP connection with this much data read and written, which is cut into segments, each acknowledged. */
export function connectionBytes(
  family: Family,
  { read, written }: { read: number; written: number },
): number {
  const bare = ipHeader[family] + tcpHeader;
  const segments = Math.ceil(read / (mtu - bare)) + Math.ceil(written / (mtu - bare));
  const opening = 2 * (ipHeader[family] + tcpOpening) + bare;
  return opening + read + written + (2 * segments + closingPackets) * bare;
}

/** A connection attempt that failed after `ms`: SYN, retransmitted after 1, 3, 7, … seconds. */
export function attemptBytes(family: Family, ms: number): number {
  return (ipHeader[family] + tcpOpening) * (1 + Math.floor(Math.log2(ms / 1000 + 1)));
}
