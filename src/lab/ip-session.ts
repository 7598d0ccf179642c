import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Family } from '../../models/path.ts';
import { startInside } from './namespace.ts';
import { now } from './now.ts';

interface Turn {
  readonly settle: (output: string) => void;
  readonly fail: (error: Error) => void;
}

/** What a turn said, and when its commands were written: they are in force about 0.1 ms later. */
export interface Answer {
  readonly at: number; // Unix epoch, ms with a fraction
  readonly output: string;
}

/**
 * One long-lived `ip -force -batch -` in a namespace of the lab, so that a fault is there the moment it is asked
 * for. Every turn ends with a question about `lo`, whose answer shows that all before it was done.
 */
export class IpSession {
  readonly #namespace: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #turns: Turn[] = [];
  #output = '';
  #errors = '';
  #ended = false;

  constructor(namespace: string, family?: Family) {
    this.#namespace = namespace;
    const familyFlag = family === undefined ? [] : [`-${family}`];
    this.#child = startInside(namespace, ['ip', '-o', '-force', ...familyFlag, '-batch', '-']);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('close', () => this.#end(new Error(`the ip session of ${namespace} ended`)));
    this.#child.stdin.on('error', (error) => this.#end(error));
  }

  /** Runs commands in order, each as one line without the leading `ip`. @throws {Error} when one was refused */
  run(...commands: readonly string[]): Promise<Answer> {
    if (this.#ended) return Promise.reject(new Error(`the ip session of ${this.#namespace} has ended`));
    return new Promise((resolve, reject) => {
      const at = now();
      this.#child.stdin.write(`${[...commands, 'link show dev lo'].join('\n')}\n`);
      const fail = (error: Error): void =>
        reject(new Error(`In ${this.#namespace}, ip refused "${commands.join('; ')}": ${error.message}`));
      this.#turns.push({ settle: (output) => resolve({ at, output }), fail });
    });
  }

  /** Ends the child. */
  close(): void {
    this.#child.stdin.end();
    this.#child.kill('SIGKILL');
  }

  #read(text: string): void {
    this.#output += text;
    for (;;) {
      const mark = /^1: lo:.*\n/m.exec(this.#output);
      if (mark === null) return;
      const output = this.#output.slice(0, mark.index);
      this.#output = this.#output.slice(mark.index + mark[0].length);
      const turn = this.#turns.shift();
      // Errors come by another pipe and were written before the answer: one turn of the event loop brings them.
      setImmediate(() => setImmediate(() => turn && this.#settle(turn, output)));
    }
  }

  #settle(turn: Turn, output: string): void {
    const errors = this.#errors.trim();
    this.#errors = '';
    if (errors === '') turn.settle(output);
    else turn.fail(new Error(errors.replaceAll('\n', '; ')));
  }

  #end(error: Error): void {
    this.#ended = true;
    for (const turn of this.#turns.splice(0)) turn.fail(error);
  }
}
