import { messageOf } from '../../models/message-of.ts';
import { AskError } from './ask.ts';
import { type TerminalStyle, terminalStyle } from './terminal.ts';

/** How a command prints, and where to. */
export interface OutputOptions {
  readonly json?: boolean;
  // a line or more, without the last newline. @default standard output
  readonly print?: (text: string) => void;
  readonly complain?: (text: string) => void; // @default standard error
  readonly look?: TerminalStyle; // @default by standard output and the environment
}

/** `OutputOptions` with the defaults filled in. */
export type Output = Required<OutputOptions>;

/** Fills in the defaults. */
export function outputOf(options: OutputOptions): Output {
  return {
    json: options.json ?? false,
    print: options.print ?? ((text) => console.log(text)),
    complain: options.complain ?? ((text) => console.error(text)),
    look: options.look ?? terminalStyle(process.stdout, process.env),
  };
}

/** Reports that a command failed; returns its exit status, `code` (@default 1). */
export function refuse(output: Output, message: string, code = 1): number {
  if (output.json) output.print(JSON.stringify({ ok: false, problem: message }, null, 2));
  else output.complain(`failover: ${message}`);
  return code;
}

/** Reports why the daemon gave no answer; returns the exit status 1. Other errors are bugs, and rethrown. */
export function unanswered(output: Output, error: unknown): number {
  if (!(error instanceof AskError)) throw error;
  return refuse(output, error.message);
}

/**
 * Reports why a command was not carried out; returns the exit status, 78 for mistakes in a configuration,
 * else 1.
 */
export function unordered(output: Output, error: unknown): number {
  const isBadConfig = error instanceof AskError && error.kind === 'bad config';
  return refuse(output, messageOf(error), isBadConfig ? 78 : 1);
}

/** The message for an id that no provider has. `near`: the id that was probably intended. */
export function unknownProvider(id: string, known: readonly string[], near: string | undefined): string {
  const hint = near === undefined ? '.' : `; did you mean "${near}"?`;
  return `no provider has the id "${id}"${hint} There are: ${known.join(', ')}`;
}
