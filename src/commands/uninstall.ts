import { existsSync } from 'node:fs';
import { lock } from '../lock.ts';
import { runtimeDirectory, stateDirectory } from '../places.ts';
import { type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { findLeftovers, type Removal } from '../setup/uninstall.ts';

/** What `failover uninstall` was asked for. */
export interface UninstallOptions extends OutputOptions {
  readonly dryRun?: boolean;
}

/** `failover uninstall`: takes our routes, rules, settings and state away. `config.ts` and `sticky.provider` stay. */
export async function uninstall(options: UninstallOptions): Promise<number> {
  const output = outputOf(options);
  if (process.getuid?.() !== 0 && !options.dryRun)
    return refuse(output, 'this needs root: run it with sudo, or look with --dry-run');
  const places = { stateDirectory: stateDirectory(), runtimeDirectory: runtimeDirectory() };
  try {
    // No daemon may put back what is being taken away; the lock is held until this process ends.
    if (!options.dryRun && existsSync(places.runtimeDirectory)) lock(places.runtimeDirectory);
    const removals = await findLeftovers(places);
    const problems = options.dryRun ? [] : await undoAll(removals);
    const done = removals.map(({ what }) => what);
    if (output.json)
      output.print(JSON.stringify({ ok: problems.length === 0, removed: done, problems }, null, 2));
    else output.print(told(done, options.dryRun === true));
    return problems.length === 0
      ? 0
      : refuse(output, `not everything could be taken away: ${problems.join('; ')}`);
  } catch (error) {
    return refuse(output, error instanceof Error ? error.message : String(error));
  }
}

/** Goes on after what cannot be undone, and says what that was. */
async function undoAll(removals: readonly Removal[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { what, undo } of removals) {
    await undo().catch((error: unknown) =>
      problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
  return problems;
}

function told(removals: readonly string[], isDry: boolean): string {
  if (removals.length === 0) return 'Nothing of failover is left on this machine but its own folder.';
  const head = isDry ? 'Would be taken away:' : 'Taken away:';
  const tail = isDry
    ? []
    : ['config.ts and sticky.provider were kept; the folder of the program is yours to delete.'];
  return [head, ...removals.map((what) => `  ${what}`), ...tail].join('\n');
}
