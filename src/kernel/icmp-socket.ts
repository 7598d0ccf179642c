/**
 * Sockets for ICMP echoes. Ping sockets are open to every group in `ping_group_range`; the kernel gives each an
 * identifier and delivers only replies with it. Raw sockets need CAP_NET_RAW; each chooses an identifier, and a kernel
 * filter drops everything else, or each reply would wake every one of them.
 */
import { randomInt } from 'node:crypto';
import type { Family } from '../../models/path.ts';
import { boundSocket, check, type Local, load } from './libc.ts';
import { PacketReader } from './packet-reader.ts';
import { socketAddress } from './socket-address.ts';

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SOL_IP = 0;
const IP_MTU_DISCOVER = 10;
const SOL_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const IPV6_DONTFRAG = 62;
const PMTUDISC_PROBE = 3;
const SOL_ICMPV6 = 58;
const ICMPV6_FILTER = 1;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const echoReply = { 4: 0, 6: 129 } as const;
const receiveBufferBytes = 212_992; // net.core.rmem_max by default; the kernel doubles it
const addressAt = { 4: 4, 6: 8 } as const; // in struct sockaddr_in and sockaddr_in6
const addressLength = { 4: 4, 6: 16 } as const;

let reader: PacketReader | undefined; // reads are not interrupted, so all sockets share one

/** Which sockets send the echoes. */
export type IcmpSocketKind = 'icmp' | 'raw icmp';

/** How a socket is opened. */
export interface IcmpSocketOptions {
  readonly kind: IcmpSocketKind;
  readonly family: Family;
  readonly local: Local;
  /** Never fragmented, and as large as the device takes, whatever the known path MTU (ip(7), IP_PMTUDISC_PROBE). */
  readonly whole: boolean;
}

let lastIdentifier = randomInt(0x10000);

/** A socket for echo requests and their answers, bound to a device and an address. Its owner closes it. */
export class IcmpSocket {
  /** The identifier in its requests; a ping socket replaces it with its own. */
  readonly identifier: number;
  /** Whether the kernel notes when it receives a packet. */
  readonly isStamped: boolean;
  readonly #family: Family;
  readonly #isRaw: boolean;
  readonly #descriptor: number;
  readonly #reader: PacketReader;
  #watch: { close(): void } | undefined;

  /** @throws {LibcError} as `boundSocket` */
  constructor({ kind, family, local, whole }: IcmpSocketOptions) {
    lastIdentifier = (lastIdentifier + 1) & 0xffff;
    this.identifier = lastIdentifier;
    this.#family = family;
    this.#isRaw = kind === 'raw icmp';
    this.#descriptor = boundSocket(kind, family, local);
    reader ??= new PacketReader();
    this.#reader = reader;
    this.isStamped = PacketReader.stamp(this.#descriptor);
    try {
      this.#set(SOL_SOCKET, SO_RCVBUF, Uint32Array.of(receiveBufferBytes));
      if (whole) this.#forbidFragments();
      if (this.#isRaw) this.#filter();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Calls back, from a `setImmediate`, whenever there is something to receive. `onBroken`: the kernel reported an
   * error on the socket, and no more calls will come.
   */
  watch(onReadable: () => void, onBroken: () => void): void {
    this.#watch ??= load().watch(this.#descriptor, (isBroken) => {
      setImmediate(isBroken ? onBroken : onReadable);
    });
  }

  /** Sends a packet to a `peerAddress`, without waiting. Returns the name of the error, if any. */
  send(bytes: Buffer, peer: Buffer): string | undefined {
    const libc = load();
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if (libc.sendto(this.#descriptor, bytes, bytes.length, flags, peer, peer.length) >= 0) return undefined;
    const code = libc.errno();
    return code === 'EWOULDBLOCK' ? 'EAGAIN' : code; // one number, two names
  }

  /**
   * Reads one packet, without waiting. Returns false when there is none. `onAnswer` gets the sequence number of an
   * echo reply; while it runs, `isFrom` and `waitedMs` are about that reply.
   */
  receive(onAnswer: (sequence: number) => void): boolean {
    const length = this.#reader.read(this.#descriptor);
    if (length < 0) return false;
    const sequence = this.#answeredSequence(length);
    if (sequence !== undefined) onAnswer(sequence);
    return true;
  }

  /** Whether the packet just passed to `onAnswer` came from that peer. */
  isFrom(peer: Buffer): boolean {
    const { sender } = this.#reader;
    const from = addressAt[this.#family];
    for (let i = from + addressLength[this.#family] - 1; i >= from; i -= 1)
      if (sender[i] !== peer[i]) return false;
    return true;
  }

  /** How long the packet just passed to `onAnswer` waited to be read: see `PacketReader`. */
  waitedMs(): number | undefined {
    return this.#reader.waitedMs();
  }

  close(): void {
    this.#watch?.close();
    load().close(this.#descriptor);
  }

  #answeredSequence(length: number): number | undefined {
    const { packet } = this.#reader;
    const at = this.#isRaw && this.#family === 4 ? ((packet[0] ?? 0) & 0x0f) * 4 : 0;
    if (length < at + 8 || packet[at] !== echoReply[this.#family] || packet[at + 1] !== 0) return undefined;
    // Packets that arrived before the filter was in place are not ours either.
    if (this.#isRaw && packet.readUInt16BE(at + 4) !== this.identifier) return undefined;
    return packet.readUInt16BE(at + 6);
  }

  #forbidFragments(): void {
    const [level, name] = this.#family === 4 ? [SOL_IP, IP_MTU_DISCOVER] : [SOL_IPV6, IPV6_MTU_DISCOVER];
    this.#set(level, name, Uint32Array.of(PMTUDISC_PROBE));
    if (this.#family === 6) this.#set(SOL_IPV6, IPV6_DONTFRAG, Uint32Array.of(1));
  }

  #filter(): void {
    const type = echoReply[this.#family];
    if (this.#family === 4) this.#set(SOL_RAW, ICMP_FILTER, Uint32Array.of(~(1 << type)));
    else this.#set(SOL_ICMPV6, ICMPV6_FILTER, passOnly(type));
    check('setsockopt SO_ATTACH_FILTER', load().attachFilter(this.#descriptor, identifierFilter(this)));
  }

  #set(level: number, name: number, value: Uint32Array): void {
    const bytes = Buffer.from(value.buffer);
    check('setsockopt', load().setsockopt(this.#descriptor, level, name, bytes, bytes.length));
  }

  get family(): Family {
    return this.#family;
  }
}

/** Where a packet is sent: `struct sockaddr_in` or `sockaddr_in6`, with port 0. */
export function peerAddress(family: Family, address: Uint8Array): Buffer {
  return socketAddress(family, address, 0);
}

/** `struct icmp6_filter` (RFC 3542 3.2) that blocks all types but one. */
function passOnly(type: number): Uint32Array {
  const blocked = new Uint32Array(8).fill(0xffffffff);
  blocked[type >> 5] = ~(1 << (type & 31));
  return blocked;
}

/** Classic BPF that accepts only a socket's identifier: IPv4 packets begin with the IP header, IPv6 ones do not. */
function identifierFilter({ family, identifier }: IcmpSocket): Buffer {
  const program: readonly (readonly [
    code: number,
    jumpIfTrue: number,
    jumpIfFalse: number,
    value: number,
  ])[] = [
    ...(family === 4 ? [[0xb1, 0, 0, 0] as const] : []), // x = the length of the IP header
    [family === 4 ? 0x48 : 0x28, 0, 0, 4], // a = the 16 bits at x + 4, or at 4
    [0x15, 0, 1, identifier], // unless they are the identifier, skip one
    [0x06, 0, 0, 0xffffffff], // all of it
    [0x06, 0, 0, 0], // nothing
  ];
  const memory = new ArrayBuffer(program.length * 8); // struct sock_filter, in host byte order
  const [codes, bytes, values] = [new Uint16Array(memory), new Uint8Array(memory), new Uint32Array(memory)];
  program.forEach(([code, jumpIfTrue, jumpIfFalse, value], i) => {
    codes[i * 4] = code;
    bytes.set([jumpIfTrue, jumpIfFalse], i * 8 + 2);
    values[i * 2 + 1] = value;
  });
  return Buffer.from(memory);
}
