/** Where the demo prints: lines that stay, and on a terminal a table below them that is redrawn. */
export class Stage {
  readonly #out: NodeJS.WriteStream;
  readonly #isSilent: boolean;
  #table: readonly string[] = [];

  /** `isSilent`: prints nothing at all, for `--json`. */
  constructor(out: NodeJS.WriteStream, isSilent = false) {
    this.#out = out;
    this.#isSilent = isSilent;
  }

  /** Whether to draw tables: only on a terminal. */
  get isLive(): boolean {
    return this.#out.isTTY === true && !this.#isSilent;
  }

  /** Prints lines that stay. */
  say(text: string): void {
    if (this.#isSilent) return;
    this.#out.write(`${this.#erase()}${text}\n${this.#table.map((line) => `${line}\n`).join('')}`);
  }

  /** Redraws the table; it disappears with `[]`. */
  show(table: readonly string[]): void {
    if (!this.isLive) return;
    const erase = this.#erase();
    const width = this.#out.columns || 80;
    this.#table = table.map((line) => line.slice(0, width - 1)); // a line that wraps could not be erased
    this.#out.write(`${erase}${this.#table.map((line) => `${line}\n`).join('')}`);
  }

  /** Moves up to the table's first line, and clears from there. */
  #erase(): string {
    return this.isLive && this.#table.length > 0 ? `\x1b[${this.#table.length}A\x1b[J` : '';
  }
}
