import { existsSync } from 'node:fs';
import { messageOf } from '../../models/message-of.ts';
import { secretsFolder } from '../../models/secret.ts';
import { findConfig } from '../config/load/find.ts';
import { readConfig } from '../config/read-config.ts';
import { lock } from '../process/lock.ts';
import { runtimeDirectory, stateDirectory } from '../process/runtime-paths.ts';
import { type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { findInstalled, serviceRemoval } from '../setup/removal/installed.ts';
import type { Removal } from '../setup/removal/removal.ts';
import { findLeftovers } from '../setup/uninstall.ts';
import { home } from '../setup/unit.ts';
import { frrLeftovers } from './support/frr-leftovers.ts';

/** Options of `failover uninstall`. */
export interface UninstallOptions extends OutputOptions {
  readonly dryRun?: boolean;
  readonly purge?: boolean; // also the configuration and its secrets
}

/**
 * `failover uninstall`: removes the service, our routes, rules, settings, state and program. `config.ts`
 * stays.
 */
export async function uninstall(options: UninstallOptions): Promise<number> {
  const output = outputOf(options);
  const isDry = options.dryRun === true;
  if (process.getuid?.() !== 0 && !isDry)
    return refuse(output, 'this needs root: run it with sudo, or look with --dry-run');
  try {
    const { done, problems } = await removeAll(options.purge ?? false, isDry);
    if (output.json)
      output.print(JSON.stringify({ ok: problems.length === 0, removed: done, problems }, null, 2));
    else output.print(summary(done, isDry));
    return problems.length === 0
      ? 0
      : refuse(output, `not everything could be removed: ${problems.join('; ')}`);
  } catch (error) {
    return refuse(output, messageOf(error));
  }
}

async function removeAll(
  purge: boolean,
  isDry: boolean,
): Promise<{ readonly done: readonly string[]; readonly problems: readonly string[] }> {
  const places = { stateDirectory: stateDirectory(), runtimeDirectory: runtimeDirectory() };
  const service = serviceRemoval();
  const problems = isDry ? [] : await undoAll(service);
  // No daemon may restore what is being removed; the lock is held until this process ends.
  if (!isDry && existsSync(places.runtimeDirectory)) lock(places.runtimeDirectory);
  const removals = [...(await inFrr()), ...(await findLeftovers(places)), ...findInstalled({ purge })];
  if (!isDry) problems.push(...(await undoAll(removals)));
  const all = [...service, ...removals];
  return {
    done: isDry ? all.map(ahead) : all.filter(({ stayed }) => !stayed?.()).map(({ what }) => what),
    problems,
  };
}

function ahead({ what, condition }: Removal): string {
  return condition === undefined ? what : `${what}, ${condition}`;
}

/** Our routes in FRRouting, where the configuration puts them there; none when it cannot be read. */
async function inFrr(): Promise<readonly Removal[]> {
  const file = findConfig([home]);
  const usable = file === undefined ? undefined : await readConfig(file);
  return usable?.ok && usable.config.frr !== undefined ? frrLeftovers(usable.config.frr) : [];
}

/** Carries on after a failure, and returns all of them. */
async function undoAll(removals: readonly Removal[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { what, undo } of removals) {
    await undo().catch((error: unknown) => problems.push(`${what}: ${messageOf(error)}`));
  }
  return problems;
}

function summary(removals: readonly string[], isDry: boolean): string {
  const kept = keptByUs();
  const [head, tail] = isDry ? ['Would be removed:', []] : ['Removed:', kept];
  if (removals.length === 0)
    return ['Nothing of failover is left on this machine except this copy of the program.', ...kept].join(
      '\n',
    );
  return [head, ...removals.map((what) => `  ${what}`), ...tail].join('\n');
}

/** What stays because it is the operator's. */
function keptByUs(): readonly string[] {
  const config = findConfig([home]);
  return [
    ...(config === undefined ? [] : [`Your configuration was kept: ${config}`]),
    ...(existsSync(secretsFolder) ? [`Your secrets were kept: ${secretsFolder}`] : []),
  ];
}
