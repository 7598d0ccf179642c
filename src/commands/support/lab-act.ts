/** Acting on the persistent lab, from another shell. */
import { basename, join } from 'node:path';
import { messageOf } from '../../../models/message-of.ts';
import { runInTerminal } from '../../kernel/exec.ts';
import { commandUsages, isLabCommand } from '../../lab/lab-commands.ts';
import { inside } from '../../lab/namespace.ts';
import { persistentLabFolder, send } from '../../lab/persistent-lab.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { nodeCommand, programFolder } from '../../process/program.ts';
import { type Output, type OutputOptions, outputOf, refuse } from '../../report/output.ts';

/** Options of `failover lab ACTION`; the last two are those of `failover status`. */
export interface LabActOptions extends OutputOptions {
  readonly watch?: boolean;
  readonly all?: boolean;
}

/**
 * `failover lab cut|heal|loss|delay|flap|carrier ISP [VALUE]`, `status`, `shell`, `down`: acts on the
 * persistent lab.
 */
export async function labAct(
  action: string,
  args: readonly string[],
  options: LabActOptions = {},
): Promise<number> {
  const output = outputOf(options);
  try {
    return await act(action, args, output, options);
  } catch (error) {
    return refuse(output, messageOf(error));
  }
}

async function act(
  action: string,
  args: readonly string[],
  output: Output,
  { watch = false, all = false }: LabActOptions,
): Promise<number> {
  refuseUnknown(action, args);
  const reply = await send(persistentLabFolder(), {
    action: isLabCommand(action) || action === 'down' ? action : 'hello',
    args,
  });
  if (reply === undefined)
    throw new Error('no lab is running; start one in another shell with: failover lab --stay');
  if (!reply.ok) throw new Error(reply.message);
  const environment = {
    FAILOVER_RUNTIME_DIRECTORY: join(reply.folder, 'run'),
    FAILOVER_STATE_DIRECTORY: join(reply.folder, 'state'),
  };
  if (action === 'status') {
    const flags = Object.entries({ '--json': output.json, '--watch': watch, '--all': all });
    return await status([...args, ...flags.flatMap(([flag, isSet]) => (isSet ? [flag] : []))], environment);
  }
  if (action === 'shell') return await shell(reply.pid, environment);
  if (action === 'down') await gone();
  output.print(output.json ? JSON.stringify({ ok: true, message: reply.message }) : reply.message);
  return 0;
}

function refuseUnknown(action: string, args: readonly string[]): void {
  if (isLabCommand(action)) return; // the lab, which knows its ISPs, checks the rest
  if (!['status', 'shell', 'down'].includes(action))
    throw new Error(
      `"lab ${action}" is unknown. There are: ${[...commandUsages, 'status', 'shell', 'down'].join(', ')}`,
    );
  if (args.length > (action === 'status' ? 1 : 0))
    throw new Error(`"lab ${action}" takes no arguments, not "${args.join(' ')}"`);
}

/** Resolves when the persistent lab no longer takes commands: then the next one may start. */
async function gone(): Promise<void> {
  const isGone = async (): Promise<boolean> =>
    (await send(persistentLabFolder(), { action: 'hello', args: [] })) === undefined;
  await waitFor(isGone, { timeoutMs: 10_000, what: 'The end of the lab' });
}

function status(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const [node = '', ...self] = nodeCommand('src/cli.ts');
  return runInTerminal(node, [...self, 'status', ...args], environment);
}

/** A shell in the router, with `failover` on its path. */
function shell(pid: number, environment: Readonly<Record<string, string>>): Promise<number> {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials'];
  const world = ['--target', String(pid), ...user, '--net', '--mount', '--'];
  const interpreter = process.env['SHELL'] ?? '/bin/sh';
  process.stdout.write(`A ${basename(interpreter)} on the lab's router; "exit" leaves it.\n`);
  return runInTerminal('nsenter', [...world, ...inside('router'), interpreter], {
    ...environment,
    PATH: `${programFolder}:${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`,
  });
}
