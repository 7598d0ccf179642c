/**
 * Packet and byte counters of devices, from `/proc/net/dev`: one read gives those of all devices at the same
 * instant, in this process's own network namespace (which `/sys` need not show), and a device that is
 * replaced by another of the same name is simply found again.
 */
import { closeSync, openSync, readSync } from 'node:fs';

/** What a device has received and sent since it was created. Some drivers count modulo 2^32. */
export interface Counters {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly txBytes: number;
  readonly txPackets: number;
}

const pageBytes = 4096; // the kernel hands out whole lines, about a page at a time
const column = { rxBytes: 0, rxPackets: 1, txBytes: 8, txPackets: 9 } as const;

/** The open file. Nothing is open before the first reading, or once there is nothing to read. */
export class CounterFile {
  readonly #file: string;
  #buffer = Buffer.alloc(2 * pageBytes);
  #descriptor: number | undefined;

  constructor(file = '/proc/net/dev') {
    this.#file = file;
  }

  /** The whole text. @throws {Error} where there is no such file */
  read(): string {
    this.#descriptor ??= openSync(this.#file, 'r');
    let length = 0;
    for (;;) {
      if (this.#buffer.length - length < pageBytes) this.#grow();
      const count = readSync(this.#descriptor, this.#buffer, length, this.#buffer.length - length, length);
      if (count === 0) return this.#buffer.toString('latin1', 0, length);
      length += count;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #grow(): void {
    this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(this.#buffer.length)]);
  }
}

/** The counters of one device in the text of the file; `undefined` if there is no such device. */
export function countersOf(text: string, device: string): Counters | undefined {
  const from = startOf(text, device);
  if (from === undefined) return undefined;
  const end = text.indexOf('\n', from);
  const fields = text
    .slice(from, end < 0 ? undefined : end)
    .trimStart()
    .split(/ +/);
  const value = (index: number): number => Number(fields[index]);
  const counters = {
    rxBytes: value(column.rxBytes),
    rxPackets: value(column.rxPackets),
    txBytes: value(column.txBytes),
    txPackets: value(column.txPackets),
  };
  return Object.values(counters).every(Number.isFinite) ? counters : undefined;
}

/** Where the figures of a device begin. Names are padded on the left, and one may end with another. */
function startOf(text: string, device: string): number | undefined {
  const name = `${device}:`;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1];
    if (before === undefined || before === '\n' || before === ' ') return at + name.length;
  }
  return undefined;
}
