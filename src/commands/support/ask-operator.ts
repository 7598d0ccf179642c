import { createInterface } from 'node:readline/promises';

/** Asks the operator at a terminal. '' when there is no answer. */
export type AskOperator = (question: string) => Promise<string>;

/** Asks in the terminal that this runs in; undefined when there is none. */
export function operatorAtTerminal(): AskOperator | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve(''))); // Ctrl-D
    try {
      return (await Promise.race([lines.question(question), closed])).trim();
    } finally {
      lines.close();
    }
  };
}
