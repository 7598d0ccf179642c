/** The daemon with its store, its sockets and what it watches, from its start to the signal that ends it. */

import { now } from '../../daemon/clock.ts';
import { Daemon } from '../../daemon/daemon.ts';
import type { LastConfigStore, Working } from '../../daemon/last-config.ts';
import { Reloader } from '../../daemon/reloader.ts';
import { Store } from '../../daemon/store.ts';
import { controlSocket, ordersSocket, stateDirectory } from '../../process/runtime-paths.ts';
import type { SighupBuffer } from '../../process/sighup.ts';
import { version } from '../../process/version.ts';
import { openControl } from '../../report/control.ts';
import { openControlCommands } from '../../report/control-commands.ts';
import type { Journal } from '../../report/journal.ts';
import { statusLine } from '../../report/status-line.ts';
import { supervise } from '../../report/systemd.ts';
import { FileWatcher } from '../../watch/file-watcher.ts';

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
export interface Usable extends Working {
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

/** Runs the daemon until SIGTERM or SIGINT. */
export async function live({ usable, last, options, journal, hangup }: Life): Promise<void> {
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
    },
  });
  if ('problem' in control) journal.say('warning', `'failover status' will not work: ${control.problem}`);
  else if (control.note !== undefined) journal.say('info', control.note);
  const orders = await openControlCommands(ordersSocket(), reloader);
  if ('problem' in orders) journal.say('warning', `'failover apply' will not work: ${orders.problem}`);
  return async () => {
    for (const socket of [control, orders]) if ('close' in socket) await socket.close();
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
