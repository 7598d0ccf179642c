/** How text is shown. */
export interface StageStyle {
  /** A line broken at words, to fit, each indented by `indent`; where that is not empty, all but the first by two more. */
  wrap(line: string, indent: string): readonly string[];
  paint(tone: StageTone, text: string): string;
}

/** The emphasis of a line. */
export type StageTone = 'good' | 'bad' | 'strong' | 'faint';

/** Where the demo prints: lines that stay, and on a terminal a table below them that is redrawn. */
export class Stage {
  readonly #out: NodeJS.WriteStream;
  readonly #style: StageStyle;
  readonly #isSilent: boolean;
  #table: readonly string[] = [];

  /** `isSilent`: prints nothing at all, for `--json`. */
  constructor(out: NodeJS.WriteStream, style: StageStyle, isSilent = false) {
    this.#out = out;
    this.#style = style;
    this.#isSilent = isSilent;
  }

  /** Whether to draw tables: only on a terminal. */
  get isLive(): boolean {
    return this.#out.isTTY === true && !this.#isSilent;
  }

  /** Prints sentences that stay, each line of them wrapped where it is indented. */
  say(text: string, tone?: StageTone): void {
    const lines = text.split('\n').flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      return this.#style.wrap(line.trim(), indent);
    });
    this.print(lines.map((line) => (tone === undefined ? line : this.#style.paint(tone, line))).join('\n'));
  }

  /** Prints what is laid out already, and stays. */
  print(text: string): void {
    if (this.#isSilent) return;
    this.#out.write(`${this.#erase()}${text}\n${this.#table.map((line) => `${line}\n`).join('')}`);
  }

  /** Redraws the table, whose lines must fit the terminal; it disappears with `[]`. */
  show(table: readonly string[]): void {
    if (!this.isLive) return;
    const erase = this.#erase();
    this.#table = table;
    this.#out.write(`${erase}${table.map((line) => `${line}\n`).join('')}`);
  }

  /** Moves up to the table's first line, and clears from there. */
  #erase(): string {
    return this.isLive && this.#table.length > 0 ? `\x1b[${this.#table.length}A\x1b[J` : '';
  }
}
