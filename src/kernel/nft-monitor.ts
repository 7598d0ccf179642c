import { createInterface } from 'node:readline';
import { start } from './exec.ts';

const againMs = 2000;
const beginMs = 500;
const calmMs = 50; // a flush and what follows it are one change

/** Wakes when anything in a table changes, whatever changed it. It does not say what: the table must be read. */
export class NftMonitor {
  readonly #table: string;
  readonly #wake: () => void;
  #child: ReturnType<typeof start> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(table: string, wake: () => void) {
    this.#table = table;
    this.#wake = wake;
  }

  /** May be called again. */
  open(): void {
    this.#isOpen = true;
    if (this.#child === undefined && this.#timer === undefined) this.#begin();
  }

  /** May be opened again. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #begin(): void {
    const child = start('nft', ['monitor']);
    this.#child = child;
    child.stderr.resume(); // if something is wrong it ends, and is started again
    child.stdin.on('error', () => undefined); // the same
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes(this.#table)) this.#soon(calmMs);
    });
    setTimeout(() => this.#soon(calmMs), beginMs).unref(); // changes before it listened were missed
    child.once('error', () => this.#ended(child));
    child.once('close', () => this.#ended(child));
  }

  /** Changes in the meantime are missed. */
  #ended(child: ReturnType<typeof start>): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#soon(againMs);
  }

  #soon(ms: number): void {
    if (!this.#isOpen) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#child === undefined && this.#isOpen) this.#begin();
      this.#wake();
    }, ms);
  }
}
