import { readFileSync } from 'node:fs';
import { messageOf } from '../../models/message-of.ts';
import { type ReadConfig, readConfig } from '../config/read-config.ts';
import { LastConfigStore, type Working } from '../daemon/last-config.ts';
import { LockError, lock } from '../process/lock.ts';
import { runtimeDirectory, stateDirectory } from '../process/runtime-paths.ts';
import type { SighupBuffer } from '../process/sighup.ts';
import { build, version } from '../process/version.ts';
import { createJournal, type Journal, journalStyle, type Level } from '../report/journal.ts';
import { lineWriter } from '../report/line-writer.ts';
import { badConfig } from './support/configuration.ts';
import type { RunOptions, Usable } from './support/daemon-life.ts';

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
  const reading = usableConfig(options, last, journal);
  const loading = import('./support/daemon-life.ts'); // the rest of the program, while the file is read
  const [usable, { live }] = await Promise.all([reading, loading]);
  if (usable === undefined) return badConfig;
  if (!mayChangeRoutes()) {
    journal.say(
      'err',
      "changing routes needs root (or CAP_NET_ADMIN): run it with sudo, or try 'failover lab'",
    );
    return 1;
  }
  try {
    const held = lock(runtimeDirectory());
    await live({ usable, last, options, journal, hangup });
    held.release();
    return 0;
  } catch (error) {
    journal.say('err', messageOf(error));
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
  const refused = `${found.file} cannot be used: the daemon was started with the last configuration that worked, of ${when}: see \`failover check\``;
  journal.say('err', `${refused}; the file is read again when it changes`);
  return { ...found, refused, fresh: false };
}

/** CAP_NET_ADMIN, bit 12 of the effective capabilities (proc(5), capabilities(7)). */
function mayChangeRoutes(): boolean {
  const effective = /^CapEff:\t([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> 12n) & 1n) === 1n;
}
