import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { start } from './exec.ts';

/** A command of a transaction that the kernel, or `ip` itself, refused. */
export interface Refusal {
  readonly command: string;
  readonly message: string; // in iproute2's words: 'RTNETLINK answers: File exists'
}

/** The outcome of a transaction. A refused command does not stop those after it. */
export interface Answer {
  readonly rows: readonly (readonly unknown[])[]; // one list for each query
  readonly refusals: readonly Refusal[];
}

interface Transaction {
  readonly commands: readonly string[];
  readonly queries: readonly string[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const timeoutMs = 5000;
const mostCommands = 500; // per child: it leaks 4 KB for each route it changes (iproute2 6.1)

/**
 * One long-lived `ip -j -force -batch -`: a command costs little more than the kernel's own time, where a process for
 * each costs 1.3 ms. Transactions run one after the other; a session that dies or hangs fails the current one and is
 * restarted for the next.
 */
export class IpSession {
  readonly #options: readonly string[];
  #child: ChildProcessWithoutNullStreams | undefined;
  #waiting: Transaction[] = [];
  #current: Transaction | undefined;
  #timer: NodeJS.Timeout | undefined;
  #firstLine = 1; // batch line number of the current transaction's first command
  #stdout = '';
  #stderr = '';
  #rows: unknown[][] = [];
  #outdated = false; // the child remembers devices that no longer exist
  #closed = false;

  /** `options`: of `ip`, for example `['-4']`. */
  constructor(options: readonly string[] = []) {
    this.#options = options;
  }

  /**
   * Writes commands, then queries. Each query must be a `show`, which always answers with one line of JSON: that
   * answer also proves that everything before it was carried out.
   * @throws {Error} when the session cannot be started, dies or hangs
   */
  transact(commands: readonly string[], queries: readonly [string, ...string[]]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Error('the ip session is closed'));
      this.#waiting.push({ commands, queries, resolve, reject });
      this.#next();
    });
  }

  /**
   * Uses a fresh child for the next transaction: `ip` caches the name and index of every device it meets, and keeps
   * using them after a device is re-created or renamed (iproute2 6.1, `ll_map.c`).
   */
  renew(): void {
    this.#outdated = true;
    if (this.#current === undefined) this.#end();
  }

  /** Ends the child; waiting transactions fail. */
  close(): void {
    this.#closed = true;
    this.#fail(new Error('the ip session was closed'));
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the ip session was closed'));
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const transaction = this.#waiting.shift();
    if (transaction === undefined) return;
    this.#current = transaction;
    this.#rows = [];
    this.#stderr = '';
    this.#child ??= this.#spawn();
    this.#timer = setTimeout(
      () => this.#fail(new Error(`ip did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    this.#child.stdin.write(`${[...transaction.commands, ...transaction.queries].join('\n')}\n`);
  }

  #spawn(): ChildProcessWithoutNullStreams {
    const child = start('ip', ['-N', ...this.#options, '-j', '-force', '-batch', '-']);
    this.#firstLine = 1;
    this.#outdated = false;
    this.#stdout = '';
    const gone = (why: string) => (): void => {
      if (this.#child === child) this.#fail(new Error(why));
    };
    child.on('error', (error) => gone(`ip could not be started: ${error.message}; install iproute2`)());
    child.on('close', gone('the ip session ended unexpectedly'));
    child.stdin.on('error', gone('the ip session stopped reading'));
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    return child;
  }

  #read(text: string): void {
    this.#stdout += text;
    const lines = this.#stdout.split('\n');
    this.#stdout = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('[')) this.#row(line);
    }
  }

  #row(line: string): void {
    const transaction = this.#current;
    if (transaction === undefined) return;
    try {
      const row: unknown = JSON.parse(line);
      this.#rows.push(Array.isArray(row) ? row : []);
    } catch (error) {
      this.#fail(new Error(`ip printed no JSON: ${line.slice(0, 100)}`, { cause: error }));
      return;
    }
    // Errors were written before this answer, but to another pipe: read them first.
    if (this.#rows.length === transaction.queries.length) setImmediate(() => this.#finish(transaction));
  }

  #finish(transaction: Transaction): void {
    if (this.#current !== transaction) return;
    clearTimeout(this.#timer);
    this.#current = undefined;
    const answer = { rows: this.#rows, refusals: this.#refusals(transaction.commands) };
    this.#firstLine += transaction.commands.length + transaction.queries.length;
    if (this.#outdated) this.#end();
    else if (this.#firstLine > mostCommands) this.#replace();
    transaction.resolve(answer);
    this.#next();
  }

  /** `ip` prints what was wrong, then `Command failed -:LINE`. */
  #refusals(commands: readonly string[]): Refusal[] {
    const refusals: Refusal[] = [];
    let message: string[] = [];
    for (const line of this.#stderr.split('\n')) {
      const number = /^Command failed -:(\d+)$/.exec(line)?.[1];
      if (number === undefined) {
        if (line !== '') message.push(line);
        continue;
      }
      const command = commands[Number(number) - this.#firstLine];
      if (command !== undefined) refusals.push({ command, message: message.join(' ') });
      message = [];
    }
    return refusals;
  }

  #fail(error: Error): void {
    clearTimeout(this.#timer);
    this.#end();
    const transaction = this.#current;
    this.#current = undefined;
    transaction?.reject(error);
    if (!this.#closed) this.#next();
  }

  /** Starts the next child before it is needed. */
  #replace(): void {
    this.#end();
    this.#child = this.#spawn();
  }

  #end(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.stdin.destroy();
    child?.kill('SIGKILL');
  }
}
