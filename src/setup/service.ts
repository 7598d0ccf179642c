/** The unit, as systemd sees it now, and the steps that enable, start and stop it. */
import { existsSync } from 'node:fs';
import { messageOf } from '../../models/message-of.ts';
import { run } from '../kernel/exec.ts';
import { writeStep } from './file-steps.ts';
import { systemdFolders } from './manifest.ts';
import type { Step } from './step.ts';
import { unitName } from './unit.ts';

const startMs = 90_000; // longer than the unit's own limit: systemd should be the first to give up

/** Whether systemd runs this machine (sd_booted(3)). */
export function isSystemdRunning(): boolean {
  return existsSync('/run/systemd/system');
}

/**
 * What systemd reports of the unit: `active`, `inactive`, `failed`, `activating`, …; `enabled`, `disabled`,
 * '' when unknown.
 */
export async function serviceState(): Promise<{ readonly active: string; readonly enabled: string }> {
  const { stdout } = await run('systemctl', ['show', '-p', 'ActiveState,UnitFileState', unitName]);
  const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  return { active: value('ActiveState'), enabled: value('UnitFileState') };
}

/** Runs systemctl. @throws {Error} with its output, unless it exits with 0 */
export async function systemctl(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run('systemctl', args, { timeoutMs: startMs });
  if (code !== 0) throw new Error(`systemctl ${args.join(' ')}: ${stderr.trim()}`);
}

/** Writes the unit, and makes systemd read it. */
export function unitStep(path: string, content: string): Step {
  const write = writeStep(path, content);
  return {
    ...write,
    what: `${write.what}, then systemctl daemon-reload`,
    restarts: true,
    isDone: async () => (await write.isDone()) && !(await needsReload()),
    act: async () => {
      await write.act();
      await systemctl('daemon-reload');
    },
    undo: async () => {
      await write.undo();
      await systemctl('daemon-reload');
    },
  };
}

async function needsReload(): Promise<boolean> {
  const { stdout } = await run('systemctl', ['show', '-p', 'NeedDaemonReload,LoadState', unitName]);
  return stdout.includes('NeedDaemonReload=yes') || stdout.includes('LoadState=not-found');
}

/** Enables the unit at boot. */
export function enableStep(): Step {
  return {
    what: `systemctl enable ${unitName}`,
    isDone: async () => (await serviceState()).enabled === 'enabled',
    act: () => systemctl('enable', unitName),
    undo: () => systemctl('disable', unitName),
  };
}

/** If the steps after this one fail, the earlier version is started again. Must be the first. */
export function returnStep(wasActive: boolean): Step {
  return {
    what: 'prepare to go back to the running version, should this fail',
    isDone: () => !wasActive,
    act: () => undefined, // everything is in `undo`
    undo: () => systemctl('restart', unitName),
  };
}

/**
 * Starts the daemon, or restarts it when `changed` (routes stay meanwhile), and waits until it is ready.
 * `takeBack`: what to do with its routes when the first start of all fails.
 */
export function startStep({
  wasActive,
  changed,
  takeBack,
}: {
  readonly wasActive: boolean;
  readonly changed: boolean;
  readonly takeBack: () => Promise<void>;
}): Step {
  const hadState = systemdFolders.some((folder) => existsSync(folder));
  return {
    what: `systemctl ${wasActive ? 'restart' : 'start'} ${unitName}`,
    isDone: async () => !changed && (await serviceState()).active === 'active',
    act: async () => {
      const since = Math.floor(Date.now() / 1000);
      const verb = wasActive ? 'restart' : 'start';
      try {
        await systemctl(verb, unitName);
      } catch (error) {
        const reason = messageOf(error).replace(`systemctl ${verb} ${unitName}: `, ''); // the step says that
        throw new Error(`${reason}\n${await lastWords(since)}`);
      }
    },
    undo: async () => {
      await systemctl('stop', unitName);
      await run('systemctl', ['reset-failed', unitName]); // having nothing to reset is not an error
      if (!hadState) await systemctl('clean', '--what=all', unitName);
      if (!wasActive) await takeBack();
    },
  };
}

/** What this start left in the journal; `since`: epoch seconds. Earlier runs would hide the reason. */
async function lastWords(since: number): Promise<string> {
  const words = ['-u', unitName, `--since=@${since}`, '-n', '20', '-o', 'cat', '--no-pager'];
  const { stdout } = await run('journalctl', words);
  return stdout.trim();
}
