/** The few libc calls that Node lacks. */
import { constants } from 'node:fs';
import type { Family } from '../../models/path.ts';
import { type Libc, loadLibc } from './koffi.ts';
import { readHostOrder32, socketAddress, writeHostOrder16 } from './socket-address.ts';

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const SO_MARK = 36;
const SOL_IP = 0;
const IP_BIND_ADDRESS_NO_PORT = 24;
const IP_MTU = 14;
const SOL_IPV6 = 41;
const IPV6_MTU = 24;
const SIOCGIFMTU = 0x8921;
const discardPort = 9;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const NETLINK_ROUTE = 0;
const MSG_DONTWAIT = 0x40;
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 1;
const IFF_NO_PI = 0x1000;
const LOCK_EX = 2;
const LOCK_NB = 4;

/** A libc call that failed, with its errno by name. */
export class LibcError extends Error {
  readonly code: string; // 'EACCES', 'ENODEV', …; 'EKOFFI' when libc cannot be reached on this machine at all

  constructor(call: string, code: string, cause?: unknown) {
    super(`${call}: ${code}`, { cause });
    this.code = code;
  }
}

let loaded: Libc | undefined;

/** What a socket is for. */
export type SocketKind = 'icmp' | 'raw icmp' | 'tcp' | 'udp';

const socketTypes = { icmp: SOCK_DGRAM, 'raw icmp': SOCK_RAW, tcp: SOCK_STREAM, udp: SOCK_DGRAM } as const;

/** The device and local address a socket is bound to. `scopeId`: the device's index, for a link-local address. */
export interface Local {
  readonly interfaceName: string;
  readonly address: Uint8Array;
  readonly scopeId: number;
  readonly mark?: number | undefined; // on its packets, for rules to match; needs CAP_NET_ADMIN
}

/**
 * A non-blocking socket bound to a device and a local address; the caller owns the descriptor. `icmp` is a datagram
 * ("ping") socket, `raw icmp` one that gets every ICMP packet of its device and address. A TCP socket gets its local
 * port when it connects, so that one port serves many peers.
 * @throws {LibcError} EACCES: `ping_group_range` excludes our group; ENODEV: no such device; EADDRNOTAVAIL: the
 *   address is not ours; EPERM: no right to raw sockets, to bind to a device, or to mark; EKOFFI: no libc binding on
 *   this machine
 */
export function boundSocket(kind: SocketKind, family: Family, local: Local): number {
  const libc = load();
  const domain = family === 4 ? AF_INET : AF_INET6;
  const icmp = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  const protocol = kind === 'tcp' || kind === 'udp' ? 0 : icmp;
  const fd = libc.socket(domain, socketTypes[kind] | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) throw new LibcError('socket', libc.errno());
  try {
    const device = Buffer.from(`${local.interfaceName}\0`);
    check(
      'setsockopt SO_BINDTODEVICE',
      libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, device.length),
    );
    if (local.mark !== undefined) {
      const mark = Buffer.from(Uint32Array.of(local.mark).buffer);
      check('setsockopt SO_MARK', libc.setsockopt(fd, SOL_SOCKET, SO_MARK, mark, 4));
    }
    const yes = Buffer.from(Uint32Array.of(1).buffer);
    if (kind === 'tcp')
      check(
        'setsockopt IP_BIND_ADDRESS_NO_PORT',
        libc.setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, yes, 4),
      );
    const address = socketAddress(family, local.address, local.scopeId);
    check('bind', libc.bind(fd, address, address.length));
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/**
 * The path MTU that the kernel knows from a device and address to a target, in bytes. Sends nothing.
 * @throws {LibcError}
 */
export function knownPathMtu(family: Family, local: Local, target: Uint8Array): number {
  const fd = boundSocket('udp', family, local);
  try {
    const address = socketAddress(family, target, local.scopeId);
    address.writeUInt16BE(discardPort, 2); // port 0 is not a target
    check('connect', load().connect(fd, address, address.length));
    const value = Buffer.alloc(4);
    const length = Buffer.from(Uint32Array.of(4).buffer);
    const [level, name] = family === 4 ? [SOL_IP, IP_MTU] : [SOL_IPV6, IPV6_MTU];
    check('getsockopt', load().getsockopt(fd, level, name, value, length));
    return readHostOrder32(value, 0);
  } finally {
    closeDescriptor(fd);
  }
}

/** The MTU of a device, in bytes. @throws {LibcError} ENODEV: no such device */
export function deviceMtu(interfaceName: string): number {
  const libc = load();
  const fd = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new LibcError('socket', libc.errno());
  try {
    const request = Buffer.alloc(40); // struct ifreq
    request.write(interfaceName, 0, 15, 'latin1');
    check('ioctl SIOCGIFMTU', libc.ioctl(fd, SIOCGIFMTU, request));
    return readHostOrder32(request, 16);
  } finally {
    libc.close(fd);
  }
}

/** A netlink socket to the kernel's routing family; the caller closes the descriptor. @throws {LibcError} */
export function netlinkSocket(): number {
  const libc = load();
  const fd = libc.socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) throw new LibcError('socket', libc.errno());
  return fd;
}

/** Sends one request and returns the kernel's answer, which is there by the time `send` returns. @throws {LibcError} */
export function requestNetlink(fd: number, request: Buffer): Buffer {
  const libc = load();
  check('send', libc.send(fd, request, request.length, 0));
  const answer = Buffer.alloc(8192);
  const length = libc.recv(fd, answer, answer.length, MSG_DONTWAIT);
  check('recv', length);
  return answer.subarray(0, length);
}

/**
 * Attaches an open `/dev/net/tun` descriptor to a new layer-3 device of that name. An `fs.read` on it holds a thread
 * until a packet comes, and meanwhile the process cannot exit (not even by `process.exit`): first delete the device
 * (`ip link del NAME`), which ends the read with an error. @throws {LibcError}
 */
export function attachTun(fd: number, name: string): void {
  const request = Buffer.alloc(40);
  request.write(name, 0, 15, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, 16);
  check('ioctl TUNSETIFF', load().ioctl(fd, TUNSETIFF, request));
}

/** Takes the exclusive lock of an open file; false when another process holds it. The lock ends with the process. */
export function tryLock(fd: number): boolean {
  const libc = load();
  if (libc.flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
  const code = libc.errno();
  if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return false; // one number, two names
  throw new LibcError('flock', code);
}

/**
 * Sends one datagram to a Unix socket, without waiting: Node has no such sockets. `path`: absolute, or `@name` for
 * an abstract one. @throws {LibcError} ENOENT, ECONNREFUSED: nothing listens; EAGAIN: its queue is full; EKOFFI
 */
export function sendUnixDatagram(path: string, text: string): void {
  const libc = load();
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new LibcError('socket', libc.errno());
  try {
    const bytes = Buffer.from(text);
    const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`);
    const address = Buffer.alloc(2 + name.length);
    writeHostOrder16(address, AF_UNIX, 0);
    name.copy(address, 2);
    check('sendto', libc.sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length));
  } finally {
    libc.close(fd);
  }
}

/** Closes a descriptor that was never handed to Node. */
export function closeDescriptor(fd: number): void {
  load().close(fd);
}

/** Throws if a call failed. @throws {LibcError} */
export function check(call: string, result: number): void {
  if (result < 0) throw new LibcError(call, load().errno());
}

/** libc itself, for the other files of this folder. @throws {LibcError} EKOFFI */
export function load(): Libc {
  try {
    loaded ??= loadLibc();
    return loaded;
  } catch (error) {
    throw new LibcError('koffi', 'EKOFFI', error);
  }
}

/** Flags to open `/dev/net/tun` with. */
export const tunOpenFlags = constants.O_RDWR;
