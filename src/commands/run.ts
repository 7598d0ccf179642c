import { readFileSync } from 'node:fs';
import { messageOf } from '../../models/message-of.ts';
import { type ReadConfig, readConfig } from '../config/read-config.ts';
import { now } from '../daemon/clock.ts';
import { Daemon } from '../daemon/daemon.ts';
import { NumbersInUse } from '../daemon/free-numbers.ts';
import { keptReports } from '../daemon/kept-reports.ts';
import { LastConfigStore, type Working } from '../daemon/last-config.ts';
import { leaseEvents, readLeaseOrder } from '../daemon/lease-orders.ts';
import { Reloader } from '../daemon/reloader.ts';
import { Store } from '../daemon/store.ts';
import { LockError, lock } from '../process/lock.ts';
import {
  controlSocket,
  ordersSocket,
  reportsFile,
  runtimeDirectory,
  stateDirectory,
} from '../process/runtime-paths.ts';
import type { SighupBuffer } from '../process/sighup.ts';
import { build, version } from '../process/version.ts';
import { openControl } from '../report/control.ts';
import { type LeaseCommands, openControlCommands } from '../report/control-commands.ts';
import { createJournal, type Journal, journalStyle, type Level } from '../report/journal.ts';
import { lineWriter } from '../report/line-writer.ts';
import { statusLine } from '../report/status-line.ts';
import { supervise } from '../report/systemd.ts';
import { FileWatcher } from '../watch/file-watcher.ts';
import { badConfig } from './support/configuration.ts';

/** Options of `failover run`. */
export interface RunOptions {
  readonly config?: string;
  readonly record?: string;
  readonly verbose?: boolean;
}

/**
 * What a daemon is started with. `refused`: why its own file cannot be used, for `status`; `fresh`: it is not what is
 * kept already.
 */
interface Usable extends Working {
  readonly refused?: string;
  readonly fresh: boolean;
}

interface Life {
  readonly usable: Usable;
  readonly last: LastConfigStore;
  readonly options: RunOptions;
  readonly journal: Journal;
  readonly hangup: SighupBuffer;
}

/** `failover run`: the daemon, in the foreground, until SIGTERM or SIGINT. SIGHUP reloads. */
export async function run(options: RunOptions, hangup: SighupBuffer): Promise<number> {
  const level: Level = options.verbose ? 'debug' : 'info';
  const journal = createJournal({
    write: lineWriter(process.stderr),
    level,
    style: journalStyle(process.env, 2),
  });
  const last = new LastConfigStore(stateDirectory(), { version, build }, (sentence) =>
    journal.say('warning', sentence),
  );
  const usable = await usableConfig(options, last, journal);
  if (usable === undefined) return badConfig;
  if (!mayChangeRoutes()) {
    journal.say(
      'err',
      'changing routes needs root (or CAP_NET_ADMIN): run it with sudo, or try "failover lab"',
    );
    return 1;
  }
  try {
    const held = lock(runtimeDirectory());
    await live({ usable, last, options, journal, hangup });
    held.release();
    return 0;
  } catch (error) {
    for (const line of messageOf(error).split('\n')) journal.say('err', line);
    if (error instanceof NumbersInUse) return badConfig;
    if (!(error instanceof LockError)) journal.say('err', 'the daemon exits; routes stay as they are');
    return 1;
  }
}

/** The file's configuration: as it was kept if the file has not changed since, else read in a process of its own. */
async function usableConfig(
  { config: file }: RunOptions,
  last: LastConfigStore,
  journal: Journal,
): Promise<Usable | undefined> {
  const kept = last.unchanged(file);
  const read: ReadConfig | Required<Working> = kept ?? (await readConfig(file, { apart: true }));
  if ('ok' in read && !read.ok) return fallBack(read, last, journal);
  for (const warning of read.warnings) journal.say('warning', warning);
  return { ...read, fresh: kept === undefined };
}

/** Reports what is wrong with the file, and uses the last configuration that worked, if there is one. */
function fallBack(
  { file, complaint }: Extract<ReadConfig, { ok: false }>,
  last: LastConfigStore,
  journal: Journal,
): Usable | undefined {
  for (const line of complaint.split('\n')) journal.say('err', line);
  const found = last.read(file);
  if (found === undefined) return undefined;
  const when = new Date(found.readAt).toISOString();
  const refused = `${found.file} cannot be used: the daemon was started with the last configuration that worked, of ${when}: see "failover check"`;
  journal.say('err', `${refused}; the file is read again when it changes`);
  return { ...found, refused, fresh: false };
}

async function live({ usable, last, options, journal, hangup }: Life): Promise<void> {
  const warn = (sentence: string): void => journal.say('warning', sentence);
  const [store, stored] = await Store.open(stateDirectory(), now(), warn);
  const { config, file, refused, fresh } = usable;
  const daemon = new Daemon({
    config,
    configFile: file,
    version,
    journal,
    store,
    stored,
    record: options.record,
    reports: keptReports(reportsFile(), warn),
  });
  const ended = signalled();
  await daemon.start();
  if (fresh) await last.keep(usable);
  // `status` is first called by `ready`, below.
  const supervised = supervise(process.env, {
    status: () => statusLine(reloader.annotate(daemon.snapshot())),
    warn,
  });
  const reloader = new Reloader({ file, daemon, journal, supervised, last, refused });
  reloader.reportInterrupted(stored.history);
  const closeSockets = await openSockets(daemon, reloader, journal);
  // Those that came between the first reading and the opening of the socket.
  for (const report of keptReports(reportsFile(), warn)) daemon.takeLease(report);
  const watcher = new FileWatcher(file, () => reloader.changed());
  hangup.reloadBy(() => reloader.reload());
  supervised.ready();
  const signal = await ended;
  supervised.stopping();
  await watcher.close();
  await closeSockets();
  await reloader.close();
  await daemon.stop(`it got ${signal}`);
}

/** Clients are answered from here on, until the returned function is called. */
async function openSockets(
  daemon: Daemon,
  reloader: Reloader,
  journal: Journal,
): Promise<() => Promise<void>> {
  const group = process.env['FAILOVER_GROUP'];
  const control = await openControl({
    path: controlSocket(),
    ...(group === undefined ? {} : { group }),
    answers: {
      snapshot: async () => reloader.annotate(await daemon.snapshotWithConnections()),
      decisions: () => daemon.decisions(),
      metrics: (accept) => daemon.metrics.render(accept),
    },
  });
  if ('problem' in control) journal.say('warning', `"failover status" will not work: ${control.problem}`);
  else if (control.note !== undefined) journal.say('info', control.note);
  const orders = await openControlCommands(ordersSocket(), { trials: reloader, leases: leasesOf(daemon) });
  if ('problem' in orders)
    journal.say('warning', `"failover apply" and "failover tell" will not work: ${orders.problem}`);
  return async () => {
    for (const socket of [control, orders]) if ('close' in socket) await socket.close();
  };
}

/** Reports from the socket, for the daemon. */
function leasesOf(daemon: Daemon): LeaseCommands {
  return {
    lease(report) {
      const events = leaseEvents(readLeaseOrder(report), now());
      return { providers: [...new Set(events.flatMap((event) => daemon.takeLease(event)))] };
    },
  };
}

const repeatedMs = 1000;

/**
 * The signal that ends the daemon. The same one again at once changes nothing: timeout(1) and wrappers signal
 * both the process and its group. One that comes later ends a daemon that takes too long to stop.
 */
function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals): void => {
      resolve(signal);
      setTimeout(() => process.off('SIGTERM', end).off('SIGINT', end), repeatedMs).unref();
    };
    process.on('SIGTERM', end).on('SIGINT', end);
  });
}

/** CAP_NET_ADMIN, bit 12 of the effective capabilities (proc(5), capabilities(7)). */
function mayChangeRoutes(): boolean {
  const effective = /^CapEff:\t([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> 12n) & 1n) === 1n;
}
