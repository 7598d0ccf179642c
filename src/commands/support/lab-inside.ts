/** The lab itself, in namespaces of its own: the demo, or a lab that stays until it is ended. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../models/message-of.ts';
import { families } from '../../../models/path.ts';
import type { Instruments } from '../../lab/demo/board.ts';
import { draw } from '../../lab/demo/drawing.ts';
import { Stage } from '../../lab/demo/stage.ts';
import { type Cast, runDemo, storySettings } from '../../lab/demo/story.ts';
import { createLab, type Lab } from '../../lab/lab.ts';
import { execute, labHelp } from '../../lab/lab-commands.ts';
import { type LabCommand, leave, type Reply, serve } from '../../lab/persistent-lab.ts';
import { coverRun } from '../../lab/world.ts';
import { ask } from '../../report/ask.ts';
import { type TerminalStyle, terminalStyle } from '../../report/terminal.ts';
import { labBoard, stageStyle } from './lab-board.ts';

/** Options of `failover lab`. */
export interface LabOptions {
  readonly stay?: boolean; // keep the lab for trying things out instead of running the demo
  readonly json?: boolean; // the demo's measurements, for programs
}

/**
 * Builds the lab in this process's own namespaces and plays the demo, or keeps the lab and takes commands in `folder`.
 * Resolves with the exit status.
 */
export async function playInside(options: LabOptions, folder: string): Promise<number> {
  const stage = new Stage(process.stdout, stageStyle(lookNow()), options.json);
  await coverRun();
  const began = Date.now();
  stage.say(
    'A router with three internet providers, in network namespaces of their own; nothing outside is touched.',
  );
  const built = await createLab();
  const ended = onEnd(built);
  try {
    stage.print(`\n${draw(built.isps, built.undelayed)}\n`);
    for (const notice of built.notices) stage.say(`(${notice})`, 'faint');
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

/** Read each time, as the window may change its size; its last column stays free. */
function lookNow(): TerminalStyle {
  const look = terminalStyle(process.stdout, process.env);
  return { ...look, columns: look.columns - 1 };
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
  cast.stage.show(labBoard(cast, snapshot, lookNow()));
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
      'good',
    );
  else
    cast.stage.say(
      `\nNot everything happened as it should:\n${problems.map((line) => `- ${line}`).join('\n')}`,
      'bad',
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
    serve(folder, answer).then(() => cast.stage.print(invitation), reject);
    process.on('exit', () => leave(folder));
  });
}

async function take({ lab: kept, stage }: Cast, { action, args }: LabCommand): Promise<Reply> {
  const common = { pid: process.pid, folder: kept.folder };
  if (action === 'hello') return { ...common, ok: true, message: '' };
  try {
    const message = action === 'down' ? 'The lab is down.' : await execute(kept, action, args);
    stage.say(message, 'strong');
    return { ...common, ok: true, message };
  } catch (error) {
    return { ...common, ok: false, message: messageOf(error) };
  }
}

const invitation = `The daemon is running. From another shell:\n\n${labHelp}\n\nCtrl-C here ends it, too.`;
