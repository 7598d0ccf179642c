/**
 * The syntax of the commands, taken from the command line itself: completions and man page cannot drift from
 * it.
 */

/** One command: `failover pin <id> [--for <duration>]`. */
export interface CommandShape {
  readonly name: string;
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly options: readonly OptionShape[];
}

/** A word after the command that is not an option. */
export interface Operand {
  readonly name: string; // says what it is: 'file', 'folder', 'id' (of a provider), …
  readonly isRequired: boolean;
  readonly isVariadic: boolean; // takes all that follow
  readonly choices: readonly string[]; // empty: any word
}

/** An option: `--json`, or `--config <file>`. */
export interface OptionShape {
  readonly flag: string; // '--config'
  readonly value: string | undefined; // 'file'; undefined: takes none
  readonly summary: string;
}

/** The operand as usage texts write it: `<id>`, `[args...]`. */
export function operandUsage({ name, isRequired, isVariadic }: Operand): string {
  const words = isVariadic ? `${name}...` : name;
  return isRequired ? `<${words}>` : `[${words}]`;
}
