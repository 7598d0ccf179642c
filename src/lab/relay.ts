/**
 * A process that carries packets between two tun devices, `RELAY A B`, and can hold them in transit: the
 * lab's delay where the kernel has no netem, and its point-to-point uplinks. Prints `ready` once both devices
 * exist. Each line on stdin is how long to hold packets per direction, in ms; the relay exits when stdin
 * ends.
 */
import { openSync, read, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { attachTun, tunOpenFlags } from '../kernel/libc.ts';

const largestPacket = 65535;
let holdMs = 0;

/** One direction: a queue of packets, each with the instant at which it may be forwarded. */
class Direction {
  readonly #to: number;
  #held: { readonly due: number; readonly packet: Buffer }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(to: number) {
    this.#to = to;
  }

  take(packet: Buffer): void {
    if (holdMs === 0 && this.#held.length === 0) {
      forward(this.#to, packet);
      return;
    }
    this.#held.push({ due: performance.now() + holdMs, packet: Buffer.from(packet) });
    this.#wait();
  }

  #wait(): void {
    const [first] = this.#held;
    if (this.#timer !== undefined || first === undefined) return;
    this.#timer = setTimeout(() => this.#release(), Math.max(0, Math.floor(first.due - performance.now())));
  }

  #release(): void {
    this.#timer = undefined;
    const present = performance.now() + 0.5; // timers have millisecond resolution
    const still = this.#held.findIndex(({ due }) => due > present);
    const due = this.#held.splice(0, still < 0 ? this.#held.length : still);
    for (const { packet } of due) forward(this.#to, packet);
    this.#wait();
  }
}

function forward(to: number, packet: Buffer): void {
  try {
    writeSync(to, packet);
  } catch {
    // The device is down or gone: the packet is lost, as on any wire.
  }
}

/** Reads one packet at a time: the descriptor blocks in the thread pool, which keeps packets in order. */
function pump(from: number, direction: Direction): void {
  const buffer = Buffer.alloc(largestPacket);
  const next = (): void =>
    read(from, buffer, 0, buffer.length, null, (error, length) => {
      if (error === null) direction.take(buffer.subarray(0, length));
      if (error === null) next();
      else setTimeout(next, 10); // EIO while the device is down
    });
  next();
}

function open(name: string): number {
  const fd = openSync('/dev/net/tun', tunOpenFlags);
  attachTun(fd, name);
  return fd;
}

const [nameA = '', nameB = ''] = process.argv.slice(2);
const [a, b] = [open(nameA), open(nameB)];
pump(a, new Direction(b));
pump(b, new Direction(a));
createInterface({ input: process.stdin })
  .on('line', (line) => {
    holdMs = Number(line);
  })
  // A thread that blocks in read() would hold up an orderly exit forever.
  .on('close', () => process.kill(process.pid, 'SIGKILL'));
process.stdout.write('ready\n');
