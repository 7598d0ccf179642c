import type { Family } from '../../../models/path.ts';

/** A set or a chain of our nftables table: its name and its content, line by line. */
export interface TablePart {
  readonly name: string;
  readonly lines: readonly string[];
}

/** A part as `nft -f` takes it within a table. */
export function spellPart(kind: 'set' | 'chain', { name, lines }: TablePart): string {
  return [`\t${kind} ${name} {`, ...lines.map((line) => `\t\t${line}`), '\t}'].join('\n');
}

/** A key of a verdict map, and the verdict. */
export type VerdictEntry = readonly [key: string, verdict: string];

/** A map from keys to verdicts. */
export function vmap(entries: readonly VerdictEntry[]): string {
  return `vmap { ${entries.map(([key, verdict]) => `${key} : ${verdict}`).join(', ')} }`;
}

/** A family as it begins expressions about its packets. */
export function word(family: Family): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6';
}

/** A family as nft names it. */
export function protocol(family: Family): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6';
}
