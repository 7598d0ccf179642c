import { readConfig } from '../config/read-config.ts';
import { outputOf } from '../report/output.ts';
import type { CommandShape } from '../setup/command-shape.ts';
import { completion as script, shells } from '../setup/completion.ts';

/**
 * `failover completion SHELL`: prints the script that completes failover's words in a shell. 'providers', which the scripts
 * ask for themselves: the ids there are.
 */
export async function completion(wanted: string, commands: readonly CommandShape[]): Promise<number> {
  const output = outputOf({});
  const shell = shells.find((known) => known === wanted);
  if (shell !== undefined) {
    output.print(script(shell, commands).trimEnd());
    return 0;
  }
  const found = await readConfig();
  // Somebody is in the middle of a word: no complaint, only nothing to offer.
  if (found.ok) output.print(found.config.providers.map(({ id }) => id).join('\n'));
  return found.ok ? 0 : 1;
}
