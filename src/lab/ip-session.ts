import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Family } from '../../models/path.ts';
import { startInside } from './namespace.ts';
import { now } from './now.ts';

interface Turn {
  readonly commands: readonly string[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Written at the end of each turn: answered on both pipes, whose order is not related; the first flushes
 * stdout.
 */
const lastWords = ['link show dev lo', 'link show dev =end'];
const outputEnd = /(?<=^|\n)1: lo:.*\n$/;
const errorsEnd = /Device "=end" does not exist\.\nCommand failed -:\d+\n$/;

/** The output of a turn, and when its commands were written: they take effect about 0.1 ms later. */
export interface Answer {
  readonly at: number; // Unix epoch, ms with a fraction
  readonly output: string;
}

/**
 * One long-lived `ip -force -batch -` in a namespace of the lab, so that a fault takes effect the moment it
 * is requested. Turns are answered in order.
 */
export class IpSession {
  readonly #namespace: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #turns: Turn[] = [];
  #output = '';
  #errors = '';
  #at = 0; // when the current turn was written
  #ended = false;

  constructor(namespace: string, family: Family) {
    this.#namespace = namespace;
    const familyFlag = family === 6 ? ['-6'] : []; // `-4` would refuse IPv6 addresses of links
    this.#child = startInside(namespace, ['ip', '-o', '-force', ...familyFlag, '-batch', '-']);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#read();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
      this.#read();
    });
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('close', () => this.#end(new Error(`the ip session of ${namespace} ended`)));
    this.#child.stdin.on('error', (error) => this.#end(error));
  }

  /**
   * Runs commands in order, each as one line without the leading `ip`. @throws {Error} when one was refused
   */
  run(...commands: readonly string[]): Promise<Answer> {
    if (this.#ended) return Promise.reject(new Error(`the ip session of ${this.#namespace} has ended`));
    return new Promise((resolve, reject) => {
      this.#turns.push({ commands, resolve, reject });
      if (this.#turns.length === 1) this.#write();
    });
  }

  /** Ends the child. */
  close(): void {
    this.#child.stdin.end();
    this.#child.kill('SIGKILL');
  }

  /** Writes the first turn; the others wait until it is answered. */
  #write(): void {
    const [turn] = this.#turns;
    if (turn === undefined) return;
    this.#at = now();
    this.#child.stdin.write(`${[...turn.commands, ...lastWords].join('\n')}\n`);
  }

  #read(): void {
    if (!outputEnd.test(this.#output) || !errorsEnd.test(this.#errors)) return;
    const output = this.#output.replace(outputEnd, '');
    const errors = this.#errors.replace(errorsEnd, '').trim().replaceAll('\n', '; ');
    this.#output = '';
    this.#errors = '';
    const turn = this.#turns.shift();
    if (errors === '') turn?.resolve({ at: this.#at, output });
    else turn?.reject(this.#refusal(turn, errors));
    this.#write();
  }

  #refusal({ commands }: Turn, reason: string): Error {
    return new Error(`In ${this.#namespace}, ip refused "${commands.join('; ')}": ${reason}`);
  }

  #end(error: Error): void {
    this.#ended = true;
    for (const turn of this.#turns.splice(0)) turn.reject(this.#refusal(turn, error.message));
  }
}
