/** Other programs' firewall rules, as they are printed. Reading them creates and loads nothing. */
import { readFile } from 'node:fs/promises';
import type { Family } from '../../models/path.ts';
import { run } from './exec.ts';

/** Every nftables table, without counters and the elements of sets; '' without nft or the rights. */
export function readRuleset(): Promise<string> {
  return outputOf('nft', ['-s', '-t', 'list', 'ruleset']);
}

/** The `nat` table of the older iptables, which nft does not show; '' where there is none, or no rights. */
export async function readLegacyNat(family: Family): Promise<string> {
  const six = family === 6 ? '6' : '';
  // iptables-save would create the table.
  const tables = await readFile(`/proc/net/ip${six}_tables_names`, 'utf8').catch(() => '');
  return tables.split('\n').includes('nat') ? outputOf(`ip${six}tables-legacy-save`, ['-t', 'nat']) : '';
}

async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const outcome = await run(program, args).catch(() => undefined); // not installed
  return outcome?.code === 0 ? outcome.stdout : '';
}
