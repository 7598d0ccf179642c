/** Reads packets together with the time at which the kernel received them. */
import { endianness } from 'node:os';
import { load } from './libc.ts';

const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_TIMESTAMPNS = 64; // SO_TIMESTAMPNS_NEW of linux 5.1: struct __kernel_timespec, the same on all architectures
const CLOCK_REALTIME = 0;
const keptBytes = 128; // of a packet: an IPv4 header with options and the ICMP header; the payload is what we sent
const senderBytes = 28; // struct sockaddr_in6
const low = endianness() === 'LE' ? 0 : 1; // the low half of a 64-bit number

/** Reads one packet at a time, from any socket, into memory that is used again for the next. */
export class PacketReader {
  readonly #message;
  readonly #control: Uint32Array; // struct cmsghdr, then struct __kernel_timespec
  readonly #clock: Buffer; // struct timespec
  readonly #clockHalves: Uint32Array;
  readonly #isWide: boolean; // a pointer has 64 bits

  constructor() {
    const { newMessage, pointerBytes } = load();
    this.#message = newMessage({ packet: keptBytes, sender: senderBytes, control: 64 });
    this.#control = new Uint32Array(this.#message.control);
    this.#isWide = pointerBytes === 8;
    this.#clock = Buffer.alloc(16);
    this.#clockHalves = new Uint32Array(this.#clock.buffer, this.#clock.byteOffset, 4);
  }

  /** The packet just read; what did not fit is missing. */
  get packet(): Buffer {
    return this.#message.packet;
  }

  /** Where it came from: `struct sockaddr_in` or `sockaddr_in6`. */
  get sender(): Buffer {
    return this.#message.sender;
  }

  /** Has the kernel note when it receives the packets of a socket. False if it cannot. */
  static stamp(fd: number): boolean {
    const yes = Buffer.from(Uint32Array.of(1).buffer);
    return load().setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, yes, yes.length) === 0;
  }

  /** Reads a packet, without waiting. Returns how much of it was read, in bytes; -1 when there is none. */
  read(fd: number): number {
    this.#control[this.#typeAt] = 0;
    return this.#message.receive(fd, MSG_DONTWAIT);
  }

  /**
   * How long the packet just read has been waiting in its socket, ms; `undefined` without a time of the kernel's. A
   * step of the wall clock since then falsifies it: it may be negative, or as long as a year.
   */
  waitedMs(): number | undefined {
    const [control, clock] = [this.#control, this.#clockHalves];
    const typeAt = this.#typeAt;
    if (control[typeAt] !== SO_TIMESTAMPNS || control[typeAt - 1] !== SOL_SOCKET) return undefined;
    if (load().clock_gettime(CLOCK_REALTIME, this.#clock) !== 0) return undefined;
    const receivedAt = typeAt + 1 + low;
    const half = this.#isWide ? low : 0;
    const seconds = (clock[half] ?? 0) - (control[receivedAt] ?? 0);
    const nanoseconds = (clock[half + (this.#isWide ? 2 : 1)] ?? 0) - (control[receivedAt + 2] ?? 0);
    return seconds * 1000 + nanoseconds / 1e6;
  }

  /** Where the type of the ancillary data is: after its length, which has a pointer's size, and its level. */
  get #typeAt(): number {
    return this.#isWide ? 3 : 2;
  }
}
