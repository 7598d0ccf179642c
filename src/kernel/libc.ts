/** The few libc calls that Node lacks, through koffi. The one file that imports it. */
import { constants } from 'node:fs';
import { createRequire } from 'node:module';
import type { Family } from '../../models/path.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
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

interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
  bind(fd: number, address: Buffer, length: number): number;
  close(fd: number): number;
  ioctl(fd: number, request: number, argument: Buffer): number;
  flock(fd: number, operation: number): number;
  errno(): string;
}

let loaded: Libc | undefined;

/**
 * An ICMP datagram ("ping") socket bound to a device and a local address; the caller owns the descriptor.
 * @throws {LibcError} EACCES: `ping_group_range` excludes our group; ENODEV: no such device; EADDRNOTAVAIL: the
 *   address is not ours; EKOFFI: no libc binding on this machine
 */
export function icmpSocket(family: Family, interfaceName: string, address: Uint8Array, scopeId = 0): number {
  const libc = load();
  const [domain, protocol] = family === 4 ? [AF_INET, IPPROTO_ICMP] : [AF_INET6, IPPROTO_ICMPV6];
  const fd = libc.socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) throw new LibcError('socket', libc.errno());
  try {
    const device = Buffer.from(`${interfaceName}\0`);
    check(
      'setsockopt SO_BINDTODEVICE',
      libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, device.length),
    );
    const local = socketAddress(family, address, scopeId);
    check('bind', libc.bind(fd, local, local.length));
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/**
 * Attaches an open `/dev/net/tun` descriptor to a new layer-3 device of that name. An `fs.read` of it holds a
 * thread until a packet comes, and a process does not exit while it does (not even by `process.exit`): delete the
 * device (`ip link del NAME`), which ends the read with an error, before leaving. @throws {LibcError}
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

/** Closes a descriptor that was never handed to Node. */
export function closeDescriptor(fd: number): void {
  load().close(fd);
}

function check(call: string, result: number): void {
  if (result < 0) throw new LibcError(call, load().errno());
}

/** `struct sockaddr_in` or `sockaddr_in6` with port 0. */
function socketAddress(family: Family, address: Uint8Array, scopeId: number): Buffer {
  const bytes = Buffer.alloc(family === 4 ? 16 : 28);
  if (family === 4) {
    writeHostOrder16(bytes, AF_INET);
    bytes.set(address, 4);
  } else {
    writeHostOrder16(bytes, AF_INET6);
    bytes.set(address, 8);
    if (littleEndian) bytes.writeUInt32LE(scopeId, 24);
    else bytes.writeUInt32BE(scopeId, 24);
  }
  return bytes;
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function writeHostOrder16(bytes: Buffer, value: number): void {
  if (littleEndian) bytes.writeUInt16LE(value, 0);
  else bytes.writeUInt16BE(value, 0);
}

/** Loads koffi on first use: it costs 10 MB, which a command that only prints need not pay. */
function load(): Libc {
  if (loaded !== undefined) return loaded;
  try {
    // The type is koffi's own; a lazy `require` because it is a native module with no work to do in most commands.
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const libc = koffi.load(null);
    const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
    loaded = {
      socket: libc.func('int socket(int, int, int)'),
      setsockopt: libc.func('int setsockopt(int, int, int, const void *, uint32_t)'),
      bind: libc.func('int bind(int, const void *, uint32_t)'),
      close: libc.func('int close(int)'),
      ioctl: libc.func('int ioctl(int, unsigned long, _Inout_ uint8_t *)'),
      flock: libc.func('int flock(int, int)'),
      errno: () => names.get(koffi.errno()) ?? `errno ${koffi.errno()}`,
    };
    return loaded;
  } catch (error) {
    throw new LibcError('koffi', 'EKOFFI', error);
  }
}

/** Flags to open `/dev/net/tun` with. */
export const tunOpenFlags = constants.O_RDWR;
