import { readConfig } from '../config/read-config.ts';
import { outputOf } from '../report/output.ts';
import type { CommandShape } from '../setup/command-shape.ts';
import { completion as script, shells } from '../setup/completion.ts';

/**
 * `failover completion SHELL`: prints the completion script for a shell. `failover completion providers`,
 * which those scripts run: prints the configured ids.
 */
export async function completion(subject: string, commands: readonly CommandShape[]): Promise<number> {
  const output = outputOf({});
  const shell = shells.find((known) => known === subject);
  if (shell !== undefined) {
    output.print(script(shell, commands).trimEnd());
    return 0;
  }
  const found = await readConfig();
  // The user is in the middle of a word: no complaint, there is just nothing to offer.
  if (found.ok) output.print(found.config.providers.map(({ id }) => id).join('\n'));
  return found.ok ? 0 : 1;
}
