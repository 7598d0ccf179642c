/**
 * What packets come to on the wire, in bytes: whole IP packets both ways, without the framing of the link and without
 * packets that had to be sent again. An estimate where the kernel alone knows: acknowledgements and the end of a connection.
 */
import type { Family } from '../../models/path.ts';

const ipHeader: Readonly<Record<Family, number>> = { 4: 20, 6: 40 };
const mtu = 1500;
const icmpHeader = 8;
const udpHeader = 8;
const tcpHeader = 32; // with time stamps (RFC 7323)
const tcpOpening = 40; // header and options of SYN and SYN+ACK on Linux
const closingPackets = 3; // FIN, FIN+ACK, ACK

/** One ICMP echo, or its answer, with so many bytes of payload. */
export function echoBytes(family: Family, size: number): number {
  const payload = icmpHeader + size;
  return payload + ipHeader[family] * Math.ceil(payload / (mtu - ipHeader[family]));
}

/** One UDP datagram with so many bytes of payload. */
export function datagramBytes(family: Family, size: number): number {
  return ipHeader[family] + udpHeader + size;
}

/** One question or answer about a neighbour: ARP (RFC 826), or neighbour discovery with a link-layer address (RFC 4861 4.3). */
export function neighbourBytes(family: Family): number {
  return family === 4 ? 28 : ipHeader[6] + 24 + 8;
}

/** A TCP connection over which so many bytes went: what is read or written is cut into segments, each acknowledged. */
export function connectionBytes(
  family: Family,
  { read, written }: { read: number; written: number },
): number {
  const bare = ipHeader[family] + tcpHeader;
  const segments = Math.ceil(read / (mtu - bare)) + Math.ceil(written / (mtu - bare));
  const opening = 2 * (ipHeader[family] + tcpOpening) + bare;
  return opening + read + written + (2 * segments + closingPackets) * bare;
}

/** A TCP connection that did not come about in so many ms: SYN, sent again after 1, 3, 7, … seconds. */
export function attemptBytes(family: Family, ms: number): number {
  return (ipHeader[family] + tcpOpening) * (1 + Math.floor(Math.log2(ms / 1000 + 1)));
}
