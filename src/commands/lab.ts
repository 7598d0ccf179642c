/**
 * `failover lab`: the real daemon among simulated ISPs. This process only makes the namespaces; the one that it starts
 * in them runs the lab (support/lab-inside).
 */
import { run, runInTerminal } from '../kernel/exec.ts';
import { claimFolder, leave, persistentLabFolder, send } from '../lab/persistent-lab.ts';
import { ownWorld } from '../lab/world.ts';
import { nodeCommand } from '../process/program.ts';
import type { LabOptions } from './support/lab-inside.ts';

/**
 * Set in the process that is already in its own namespaces: the folder where a persistent lab takes commands.
 */
const worldMark = 'FAILOVER_LAB_FOLDER';

/** `failover lab`: returns the exit status, 0 when everything happened as it should. */
export async function lab(options: LabOptions): Promise<number> {
  const folder = process.env[worldMark];
  if (folder !== undefined) {
    const { playInside } = await import('./support/lab-inside.ts');
    // Something that still waits for what will never come must not hold up the end.
    process.exit(await playInside(options, folder));
  }
  if (options.stay) {
    await claimFolder(persistentLabFolder());
    if (await send(persistentLabFolder(), { action: 'hello', args: [] }))
      throw new Error('a lab is already running; use that one, or end it with: failover lab down');
  }
  const [program = '', ...world] = ownWorld(true);
  await checkWorld([program, ...world]);
  const flags = [...(options.stay ? ['--stay'] : []), ...(options.json ? ['--json'] : [])];
  const self = [...nodeCommand('src/cli.ts'), 'lab', ...flags];
  const code = await runInTerminal(program, [...world, ...self], { [worldMark]: persistentLabFolder() });
  if (options.stay) leave(persistentLabFolder()); // one that could not start has not done so itself
  return code;
}

/** Before anything is built: says why it cannot be, and what to do. */
async function checkWorld([program = '', ...args]: readonly string[]): Promise<void> {
  const { code, stderr } = await run(program, [...args, 'true']);
  if (code === 0) return;
  throw new Error(
    `the lab could not get a network of its own (${stderr.trim()}). Run it as root, or allow user namespaces: ` +
      'sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0 (those your kernel has)',
  );
}
