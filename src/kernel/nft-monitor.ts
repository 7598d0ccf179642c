import { createInterface } from 'node:readline';
import { startTied } from './exec.ts';

const againMs = 2000;
const beginMs = 500;
const calmMs = 50; // a flush and what follows it are one change
const resyncMs = 60_000; // whatever was missed
const lost = '# ERROR'; // begins the line that says that events did not fit into its buffer

/** Wakes when anything in a table changes, whatever changed it. It does not say what: the table must be read. */
export class NftMonitor {
  readonly #table: string;
  readonly #wake: () => void;
  #child: ReturnType<typeof startTied> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #resync: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(table: string, wake: () => void) {
    this.#table = table;
    this.#wake = wake;
  }

  /** May be called again. */
  open(): void {
    this.#isOpen = true;
    this.#resync ??= setInterval(() => this.#soon(0), resyncMs).unref();
    if (this.#child === undefined && this.#timer === undefined) this.#begin();
  }

  /** May be opened again. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearInterval(this.#resync);
    this.#resync = undefined;
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #begin(): void {
    const child = startTied('nft', ['monitor']);
    this.#child = child;
    child.stderr.resume(); // if something is wrong it ends, and is started again
    child.stdin.on('error', () => undefined); // the same
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes(this.#table) || line.startsWith(lost)) this.#soon(calmMs);
    });
    setTimeout(() => this.#soon(calmMs), beginMs).unref(); // changes before it listened were missed
    child.once('error', () => this.#ended(child));
    child.once('close', () => this.#ended(child));
  }

  /** Changes in the meantime are missed. */
  #ended(child: ReturnType<typeof startTied>): void {
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
