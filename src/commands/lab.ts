/**
 * `failover lab`: the real daemon among simulated ISPs. The outer process only makes the namespaces; the
 * inner one runs the lab.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../models/message-of.ts';
import { families } from '../../models/path.ts';
import { run, runInTerminal } from '../kernel/exec.ts';
import { board, type Instruments } from '../lab/demo/board.ts';
import { draw } from '../lab/demo/drawing.ts';
import { Stage } from '../lab/demo/stage.ts';
import { type Cast, runDemo, storySettings } from '../lab/demo/story.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { commandUsages, execute, isLabCommand } from '../lab/lab-commands.ts';
import { inside } from '../lab/namespace.ts';
import {
  claimFolder,
  type LabCommand,
  leave,
  persistentLabFolder,
  type Reply,
  send,
  serve,
} from '../lab/persistent-lab.ts';
import { waitFor } from '../lab/wait-for.ts';
import { coverRun, ownWorld } from '../lab/world.ts';
import { nodeCommand, programFolder } from '../process/program.ts';
import { ask } from '../report/ask.ts';
import { type Output, type OutputOptions, outputOf, refuse } from '../report/output.ts';

/** Options of `failover lab`. */
export interface LabCommandOptions {
  readonly stay?: boolean; // keep the lab for trying things out instead of running the demo
  readonly json?: boolean; // the demo's measurements, for programs
}

/**
 * Set in the process that is already in its own namespaces: the folder where a persistent lab takes commands.
 */
const worldMark = 'FAILOVER_LAB_FOLDER';

/** `failover lab`: returns the exit status, 0 when everything happened as it should. */
export async function lab(options: LabCommandOptions): Promise<number> {
  const folder = process.env[worldMark];
  // Something that still waits for what will never come must not hold up the end.
  if (folder !== undefined) process.exit(await playInside(options, folder));
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

/**
 * `failover lab cut|heal|loss|delay|flap|carrier ISP [VALUE]`, `status`, `shell`, `down`: acts on the
 * persistent lab.
 */
export async function labAct(
  action: string,
  args: readonly string[],
  options: OutputOptions = {},
): Promise<number> {
  const output = outputOf(options);
  try {
    return await act(action, args, output);
  } catch (error) {
    return refuse(output, messageOf(error));
  }
}

async function act(action: string, args: readonly string[], output: Output): Promise<number> {
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
  if (action === 'status') return await status(output.json ? ['--json'] : [], environment);
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
  if (args.length > 0) throw new Error(`"lab ${action}" takes no arguments, not "${args.join(' ')}"`);
}

/** Resolves when the persistent lab no longer takes commands: then the next one may start. */
async function gone(): Promise<void> {
  const isGone = async (): Promise<boolean> =>
    (await send(persistentLabFolder(), { action: 'hello', args: [] })) === undefined;
  await waitFor(isGone, { timeoutMs: 10_000, what: 'The end of the lab' });
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

async function playInside(options: LabCommandOptions, folder: string): Promise<number> {
  const stage = new Stage(process.stdout, options.json);
  await coverRun();
  const began = Date.now();
  stage.say(
    'A router with three internet providers, in network namespaces of their own; nothing outside is touched.',
  );
  const built = await createLab();
  const ended = onEnd(built);
  try {
    stage.say(`\n${draw(built.isps)}\n`);
    for (const notice of built.notices) stage.say(`(${notice})`);
    const cast = await assemble(built, stage);
    const ticker = setInterval(() => refresh(cast), 250);
    const play = options.stay ? stay(cast, folder) : story(cast, { json: options.json === true, began });
    const code = await Promise.race([play, ended]).catch((error: unknown) => unlessEnding(error, ended));
    clearInterval(ticker);
    stage.show([]);
    return code;
  } finally {
    await built.close().catch((error: unknown) => unlessEnding(error, ended));
  }
}

/** Resolves with the exit status when a signal, or the death of our parent, asks us to end. */
function onEnd(built: Lab): Promise<number> {
  process.on('exit', () => rmSync(built.folder, { recursive: true, force: true }));
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  return Promise.race(
    Object.entries(signals).map(async ([signal, code]) => {
      await once(process, signal);
      for (const other of Object.keys(signals)) process.on(other, () => undefined); // already ending
      return code;
    }),
  );
}

/**
 * Ctrl-C also reaches the processes we started, perhaps before us: what fails then is not worth reporting.
 */
async function unlessEnding(error: unknown, ended: Promise<number>): Promise<number> {
  const code = await Promise.race([ended, sleep(200)]);
  if (code === undefined) throw error;
  return code;
}

async function assemble(built: Lab, stage: Stage): Promise<Cast> {
  const daemon = await built.daemon({ config: built.config(storySettings) });
  const watch = await built.watchRoutes();
  await built.waitFor(() => families.every((family) => watch.report(family).device !== undefined), {
    what: () => `The daemon's first default routes (it said: ${daemon.lines.slice(-5).join('; ')})`,
  });
  const flows = [await built.flow({ family: 4 }), await built.flow({ family: 6 })];
  const socket = join(built.folder, 'run', 'control.sock');
  const instruments: Instruments = { lab: built, flows, watch };
  return {
    ...instruments,
    stage,
    snapshot: () => ask(socket, 'snapshot'),
    decisions: () => ask(socket, 'decisions'),
  };
}

async function refresh(cast: Cast): Promise<void> {
  if (!cast.stage.isLive) return;
  // the table then shows that the daemon does not answer
  const snapshot = await cast.snapshot().catch(() => undefined);
  cast.stage.show(board(cast, snapshot));
}

async function story(cast: Cast, { json, began }: { json: boolean; began: number }): Promise<number> {
  const chapters = await runDemo(cast);
  const problems = chapters.flatMap(({ title, problems }) =>
    problems.map((problem) => `${title} ${problem}`),
  );
  if (json)
    process.stdout.write(`${JSON.stringify({ ok: problems.length === 0, chapters }, undefined, 2)}\n`);
  const seconds = Math.round((Date.now() - began) / 1000);
  if (problems.length === 0)
    cast.stage.say(
      `\nEverything happened as it should, in ${seconds} s. To try it yourself: failover lab --stay`,
    );
  else
    cast.stage.say(
      `\nNot everything happened as it should:\n${problems.map((line) => `- ${line}`).join('\n')}`,
    );
  return problems.length === 0 ? 0 : 1;
}

/** Keeps the lab until `lab down` or a signal ends it. */
async function stay(cast: Cast, folder: string): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    const answer = async (command: LabCommand): Promise<Reply> => {
      const reply = await take(cast, command);
      if (command.action === 'down') setImmediate(() => resolve(0));
      return reply;
    };
    serve(folder, answer).then(() => cast.stage.say(invitation), reject);
    process.on('exit', () => leave(folder));
  });
}

async function take({ lab: kept, stage }: Cast, { action, args }: LabCommand): Promise<Reply> {
  const common = { pid: process.pid, folder: kept.folder };
  if (action === 'hello') return { ...common, ok: true, message: '' };
  try {
    const message = action === 'down' ? 'The lab is down.' : await execute(kept, action, args);
    stage.say(message);
    return { ...common, ok: true, message };
  } catch (error) {
    return { ...common, ok: false, message: messageOf(error) };
  }
}

const invitation = `The daemon is running. From another shell:
  failover lab ${commandUsages.join('\n  failover lab ')}
  failover lab status    what the daemon says
  failover lab shell     a shell on the router: ip route, ping, failover pin cable, ...
  failover lab down      end it (so does Ctrl-C here)`;

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
