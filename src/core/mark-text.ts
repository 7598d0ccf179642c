/** A set or a chain of our nftables table: its name, and what is in it, a line each. */
export interface TablePart {
  readonly name: string;
  readonly lines: readonly string[];
}

/** A part as `nft -f` takes it within a table. */
export function spellPart(kind: 'set' | 'chain', { name, lines }: TablePart): string {
  return [`\t${kind} ${name} {`, ...lines.map((line) => `\t\t${line}`), '\t}'].join('\n');
}
