import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import type { Snapshot, Trial } from '../../models/snapshot.ts';
import { readConfig } from '../config/read-config.ts';
import { configDecision } from '../core/report/decisions.ts';
import { CommandRejected, type ControlCommands, type TrialText } from '../report/control-commands.ts';
import type { Journal } from '../report/journal.ts';
import type { Supervised } from '../report/systemd.ts';
import { now, onWallClock } from './clock.ts';
import type { Daemon } from './daemon.ts';
import { NumbersInUse } from './free-numbers.ts';
import type { LastConfigStore } from './last-config.ts';

/** What a reloader is built from. */
export interface ReloaderParts {
  readonly file: string; // the configuration the daemon was started with
  readonly daemon: Daemon;
  readonly journal: Journal;
  readonly supervised: Supervised;
  readonly last: LastConfigStore;
  readonly refused: string | undefined; // `status` reports it: a file unusable at the start
}

interface Pending extends Trial {
  readonly text: string;
  readonly earlier: Config;
  readonly timer: NodeJS.Timeout;
}

/** The file of a configuration to be tried in place of `file`: `config.trial.ts` next to `config.ts`. */
export function trialFile(file: string): string {
  const ending = extname(file);
  return `${file.slice(0, file.length - ending.length)}.trial${ending}`;
}

/**
 * Decides which configuration the daemon runs with: that of its file, reread when it changes, or one on
 * trial.
 *
 *     the file's ──apply──► on trial ──confirm──► the file's, which contains it by then
 *                              └──revert, time over, end of the daemon──► the earlier one
 *
 * The file is not touched until the trial is confirmed, and a trial exists in this process alone: however the
 * daemon ends, the next one starts with the earlier configuration. A change of the file during a trial is
 * read after it.
 */
export class Reloader implements ControlCommands {
  readonly #parts: ReloaderParts;
  #last: Promise<unknown> = Promise.resolve();
  #refused: string | undefined;
  #trial: Pending | undefined;
  #missed = false; // the file changed during the trial
  #confirmed: string | undefined; // the confirmed text, now in the file: not a change

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
    this.#refused = parts.refused;
  }

  /** Reports a trial that was still running when an earlier daemon ended. */
  reportInterrupted(history: readonly Decision[]): void {
    const { file } = this.#parts;
    if (history.findLast(({ numbers }) => 'trial' in numbers)?.numbers['trial'] !== 'begun') return;
    const reason = `the daemon ended before it was confirmed: ${file} is in force; what was tried is in ${trialFile(file)}`;
    this.#report('the trial of a configuration was cut short', reason, { trial: 'cut short' });
  }

  /** Reads the file again, whether it changed or not. */
  reload(): void {
    const { supervised, journal } = this.#parts;
    void this.#inTurn(async () => {
      supervised.reloading();
      await this.#readFile().catch((error: unknown) => journal.say('err', `not reloaded: ${String(error)}`));
      supervised.ready();
    });
  }

  /** Reads the file again, since it may have changed. */
  changed(): void {
    const text = textOf(this.#parts.file);
    if (text === undefined || text !== (this.#trial?.text ?? this.#confirmed)) this.reload();
  }

  apply(forMs: number): Promise<Trial> {
    return this.#inTurn(async () => {
      this.#refuseSecond();
      const file = trialFile(this.#parts.file);
      const text = textOf(file);
      const next = await readConfig(file, { apart: true });
      if (!next.ok) throw new CommandRejected(next.complaint, { isBadConfig: true });
      if (text === undefined || text !== textOf(file))
        throw new CommandRejected(`${file} was changed while it was read; apply it again`);
      for (const warning of next.warnings) this.#parts.journal.say('warning', warning);
      const until = now() + forMs;
      await this.#begin({ file, until, text }, next.config, forMs);
      return { file, until: onWallClock(until) };
    });
  }

  async trial(): Promise<TrialText> {
    const { file, until, text } = this.#pending();
    return { file, until: onWallClock(until), text, configFile: this.#parts.file };
  }

  confirm(): Promise<Trial> {
    return this.#inTurn(async () => {
      const { file, until, text, timer } = this.#pending();
      const own = this.#parts.file;
      if (textOf(own) !== text)
        throw new CommandRejected(`${own} does not hold what is on trial: "failover confirm" puts it there`);
      clearTimeout(timer);
      this.#trial = undefined;
      this.#missed = false;
      this.#confirmed = text;
      await this.#parts.last.keep({ file: own, config: this.#parts.daemon.config });
      this.#report('configuration confirmed', `${own} holds what was on trial`, { trial: 'confirmed' });
      return { file, until };
    });
  }

  revert(): Promise<Trial> {
    return this.#inTurn(() => this.#revert('it was reverted'));
  }

  /** Ends a trial, as the daemon is about to end. */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#trial !== undefined) await this.#revert('the daemon ends');
    });
  }

  /** Adds the trial, and a file that was refused, to a snapshot. */
  annotate(snapshot: Snapshot): Snapshot {
    const { drift } = snapshot;
    const trial = this.#trial && { file: this.#trial.file, until: onWallClock(this.#trial.until) };
    return { ...snapshot, trial, drift: this.#refused === undefined ? drift : [this.#refused, ...drift] };
  }

  /** Applies the file. A bad file changes nothing and is reported. */
  async #readFile(): Promise<void> {
    const { file, journal, daemon, last } = this.#parts;
    this.#missed = this.#trial !== undefined;
    if (this.#missed) {
      journal.say('info', `${file} is read again when the trial of another configuration is over`);
      return;
    }
    const next = await readConfig(file, { apart: true });
    if (!next.ok) {
      this.#refuse(next.complaint.replace(/\n\s*/g, ' '));
      return;
    }
    for (const warning of next.warnings) journal.say('warning', warning);
    this.#refused = undefined;
    this.#confirmed = undefined;
    try {
      await daemon.reload(next.config);
    } catch (error) {
      if (!(error instanceof NumbersInUse)) throw error;
      return this.#refuse(error.message.replaceAll('\n', '; '));
    }
    await last.keep(next);
  }

  /** A changed configuration cannot be used: the earlier one stays in force, and `status` says so. */
  #refuse(complaint: string): void {
    this.#refused =
      'the configuration file was changed and cannot be used, the earlier settings stay in force: see "failover check"';
    const decision = configDecision(now(), 'not reloaded, the earlier settings stay', complaint);
    this.#parts.daemon.report({ ...decision, severity: 'err' });
  }

  async #begin(
    trial: Pick<Pending, 'file' | 'until' | 'text'>,
    config: Config,
    forMs: number,
  ): Promise<void> {
    const { daemon, file, journal } = this.#parts;
    const timer = setTimeout(() => {
      this.#inTurn(() => this.#revert('it was not confirmed in time')).catch((error: unknown) =>
        journal.say('err', `the trial is over: ${String(error)}`),
      );
    }, forMs);
    this.#trial = { ...trial, earlier: daemon.config, timer };
    this.#report(
      `configuration on trial: ${trial.file}`,
      `${file} is in force again in ${forMs / 1000} s, unless it is confirmed`,
      { trial: 'begun', seconds: forMs / 1000 },
    );
    await daemon.remember(); // if the trial kills this daemon, the next one can report it
    await daemon.reload(config).catch(async (error: unknown) => {
      await this.#revert(`it could not be started: ${String(error)}`);
      throw new CommandRejected(`${trial.file} could not be started: ${String(error)}; ${file} is in force`);
    });
  }

  async #revert(reason: string): Promise<Trial> {
    const { earlier, timer, file, until } = this.#pending();
    const own = this.#parts.file;
    clearTimeout(timer);
    this.#trial = undefined;
    this.#report(`back to the configuration ${own}`, `${reason}; what was tried is in ${file}`, {
      trial: 'reverted',
    });
    await this.#parts.daemon.reload(earlier);
    if (this.#missed) await this.#readFile();
    return { file, until };
  }

  #pending(): Pending {
    if (this.#trial !== undefined) return this.#trial;
    throw new CommandRejected(
      `no configuration is on trial: ${this.#parts.file} is in force; "failover apply" starts a trial`,
    );
  }

  #refuseSecond(): void {
    if (this.#trial === undefined) return;
    const left = Math.ceil((this.#trial.until - now()) / 1000);
    throw new CommandRejected(
      `a configuration is on trial already, for ${left} s more: "failover confirm" keeps it, "failover revert" ends it`,
    );
  }

  #report(sentence: string, reason: string, numbers: Decision['numbers']): void {
    const decision = configDecision(now(), sentence, reason);
    this.#parts.daemon.report({ ...decision, severity: 'notice', numbers });
  }

  /** Runs jobs one after the other, however fast they are requested. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined); // the caller gets the error
    return result;
  }
}

/** The text of a file; undefined if it cannot be read: reading it as a configuration then says why. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
