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
const longestLine = 512;
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
      length += count;
      if (count < pageBytes - longestLine) return this.#buffer.toString('latin1', 0, length); // the last of it
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

/** Calls back with the counters of each of these devices that the text has. */
export function eachOf(
  text: string,
  devices: { has(device: string): boolean },
  found: (device: string, counters: Counters) => void,
): void {
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    const colon = text.indexOf(':', from);
    if (colon < 0) return;
    const device = text.slice(from, Math.min(colon, end)).trimStart();
    const counters = colon < end && devices.has(device) ? parse(text.slice(colon + 1, end)) : undefined;
    if (counters !== undefined) found(device, counters);
    from = end + 1;
  }
}

/** `undefined` for a shape that is not known. */
function parse(figures: string): Counters | undefined {
  const fields = figures.trimStart().split(/ +/);
  const value = (index: number): number => Number(fields[index]);
  const counters = {
    rxBytes: value(column.rxBytes),
    rxPackets: value(column.rxPackets),
    txBytes: value(column.txBytes),
    txPackets: value(column.txPackets),
  };
  return Object.values(counters).every(Number.isFinite) ? counters : undefined;
}
