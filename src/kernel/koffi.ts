/** libc through koffi: the one file that imports it, for `libc.ts` and `stray-processes.ts`. */
import { createRequire } from 'node:module';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;

/** The libc functions in use, as in their manual pages. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: Buffer, length: Buffer): number;
  bind(fd: number, address: Buffer, length: number): number;
  connect(fd: number, address: Buffer, length: number): number;
  sendto(
    ...args: [fd: number, bytes: Buffer, size: number, flags: number, address: Buffer, length: number]
  ): number;
  /** Memory for `recvmsg`. The sizes of its parts are in bytes. */
  newMessage(sizes: Readonly<Record<'packet' | 'sender' | 'control', number>>): Message;
  /** `setsockopt` SO_ATTACH_FILTER: `instructions` of a classic BPF program, 8 bytes each. */
  attachFilter(fd: number, instructions: Buffer): number;
  /**
   * Calls back whenever a descriptor is readable, outside any of Node's own callbacks: promises it settles wait for
   * the next of those. `isBroken`: it will not call again. Close it before the descriptor.
   */
  watch(fd: number, callback: (isBroken: boolean) => void): { close(): void };
  close(fd: number): number;
  send(fd: number, bytes: Buffer, length: number, flags: number): number;
  recv(fd: number, bytes: Buffer, length: number, flags: number): number;
  ioctl(fd: number, request: number, argument: Buffer): number;
  clock_gettime(clock: number, time: Buffer): number;
  flock(fd: number, operation: number): number;
  prctl(...args: [option: number, a: number, b: number, c: number, d: number]): number;
  waitpid(pid: number, status: null, options: number): number;
  errno(): string;
  readonly pointerBytes: number;
}

/** A `struct msghdr` and what it leads to, outside of V8's heap, where nothing moves. Never freed. */
export interface Message {
  readonly packet: Buffer;
  readonly sender: Buffer;
  readonly control: ArrayBuffer;
  /** `recvmsg` */
  receive(fd: number, flags: number): number;
}

type Koffi = typeof import('koffi');

let loaded: Libc | undefined;

/** Loads koffi, once: a command that only prints is spared its 10 MB. @throws {Error} where koffi does not work */
export function loadLibc(): Libc {
  loaded ??= bindLibc();
  return loaded;
}

function bindLibc(): Libc {
  // The type is koffi's own; a lazy `require`, because most commands have no use for this native module.
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const libc = koffi.load(null);
  const filterProgram = koffi.struct({ len: 'uint16_t', filter: 'const uint8_t *' }); // struct sock_fprog
  const attachFilter = libc.func('setsockopt', 'int', [
    'int',
    'int',
    'int',
    koffi.pointer(filterProgram),
    'uint32_t',
  ]);
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  return {
    socket: libc.func('int socket(int, int, int)'),
    setsockopt: libc.func('int setsockopt(int, int, int, const void *, uint32_t)'),
    getsockopt: libc.func('int getsockopt(int, int, int, _Out_ void *, _Inout_ void *)'),
    bind: libc.func('int bind(int, const void *, uint32_t)'),
    connect: libc.func('int connect(int, const void *, uint32_t)'),
    sendto: libc.func('intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)'),
    newMessage: messages(koffi, libc),
    attachFilter(fd, instructions) {
      const program = { len: instructions.length / 8, filter: instructions };
      return attachFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, koffi.sizeof(filterProgram));
    },
    // koffi 3.3 hands the status of uv_poll_t first, which its types leave out.
    watch: (fd, callback) => koffi.node.poll(fd, (status: unknown) => callback(status !== 0)),
    close: libc.func('int close(int)'),
    send: libc.func('intptr_t send(int, const void *, size_t, int)'),
    recv: libc.func('intptr_t recv(int, _Out_ uint8_t *, size_t, int)'),
    ioctl: libc.func('int ioctl(int, unsigned long, _Inout_ uint8_t *)'),
    clock_gettime: libc.func('int clock_gettime(int, _Out_ void *)'),
    flock: libc.func('int flock(int, int)'),
    prctl: libc.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)'),
    waitpid: libc.func('int waitpid(int, void *, int)'),
    errno: () => names.get(koffi.errno()) ?? `errno ${koffi.errno()}`,
    pointerBytes: koffi.sizeof('void *'),
  };
}

function messages(koffi: Koffi, libc: ReturnType<Koffi['load']>): Libc['newMessage'] {
  const vector = koffi.struct({ iov_base: 'void *', iov_len: 'size_t' });
  const header = koffi.struct({
    msg_name: 'void *',
    msg_namelen: 'uint32_t',
    msg_iov: 'void *',
    msg_iovlen: 'size_t',
    msg_control: 'void *',
    msg_controllen: 'size_t',
    msg_flags: 'int',
  });
  const recvmsg = libc.func('intptr_t recvmsg(int, void *, int)');
  const allocate = (size: number): { address: bigint; memory: ArrayBuffer } => {
    const address: bigint = koffi.alloc('uint8_t', size);
    return { address, memory: koffi.view(address, size) };
  };
  return (sizes) => {
    const parts = {
      packet: allocate(sizes.packet),
      sender: allocate(sizes.sender),
      control: allocate(sizes.control),
    };
    const [list, message] = [allocate(koffi.sizeof(vector)), allocate(koffi.sizeof(header))];
    koffi.encode(list.address, vector, { iov_base: parts.packet.address, iov_len: sizes.packet });
    koffi.encode(message.address, header, {
      msg_name: parts.sender.address,
      msg_namelen: sizes.sender,
      msg_iov: list.address,
      msg_iovlen: 1,
      msg_control: parts.control.address,
      msg_controllen: sizes.control,
      msg_flags: 0,
    });
    const [used, fresh] = [Buffer.from(message.memory), Buffer.from(Buffer.from(message.memory))];
    return {
      packet: Buffer.from(parts.packet.memory),
      sender: Buffer.from(parts.sender.memory),
      control: parts.control.memory,
      receive(fd, flags) {
        used.set(fresh); // the kernel writes the lengths that were used into it
        return recvmsg(fd, message.address, flags);
      },
    };
  };
}
