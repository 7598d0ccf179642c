/**
 * Reports that were made while no daemon ran: DHCP clients start before it does, and go on while it is stopped. They
 * are kept in a file that a reboot removes, and read at the daemon's start.
 */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { LeaseEvent } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import { messageOf } from '../../models/message-of.ts';
import { codeOf, replaceFile } from '../watch/replace-file.ts';
import { fromWallClock } from './clock.ts';
import { type GivenReport, type LeaseOrder, leaseEvents, readLeaseOrder } from './lease-orders.ts';

/** A report as it is kept. */
interface Kept extends GivenReport {
  readonly at: Instant; // wall clock
}

/**
 * What was reported since the machine started and reached no daemon, oldest first. What ran out since is left out.
 * `warn` is called with a sentence if the file cannot be used.
 */
export function keptReports(file: string, warn: (sentence: string) => void): readonly LeaseEvent[] {
  try {
    const fault = faultOf(statSync(file));
    if (fault !== undefined) throw new Error(fault);
    return read(file).flatMap((kept) => eventsOf(kept));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') warn(`${file} cannot be used: ${messageOf(error)}`);
    return [];
  }
}

/** Keeps a report for the next daemon. @throws {NodeJS.ErrnoException} when the file cannot be written */
export async function keepReport(file: string, order: LeaseOrder): Promise<void> {
  const { addresses, families, what, device, until, source } = order;
  const words = what === 'gone' ? (families.length > 1 ? [] : families.map(String)) : addresses;
  const kept: Kept = { what, device, words, source, at: Date.now(), ...(until !== undefined && { until }) };
  await write(file, [...others(file, order), kept]);
}

/** Forgets what an order, which reached the daemon, has replaced. @throws {NodeJS.ErrnoException} */
export async function forgetReports(file: string, order: LeaseOrder): Promise<void> {
  const present = readOrNone(file);
  const left = others(file, order);
  if (left.length === present.length) return;
  if (left.length === 0) await rm(file, { force: true });
  else await write(file, left);
}

/** Those that an order leaves in force: about other devices, other families or other things. */
function others(file: string, { what, device, families }: LeaseOrder): readonly Kept[] {
  return readOrNone(file).filter((kept) => {
    const earlier = orderOf(kept);
    if (earlier === undefined) return false;
    const isSame = what === 'gone' || earlier.what === what;
    return (
      earlier.device !== device || !isSame || !earlier.families.every((family) => families.includes(family))
    );
  });
}

function readOrNone(file: string): readonly Kept[] {
  try {
    return read(file);
  } catch {
    return []; // missing, or broken: it is written from new
  }
}

function read(file: string): readonly Kept[] {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(content)) throw new Error('it holds no list');
  return content.filter((one): one is Kept => typeof one?.at === 'number');
}

async function write(file: string, reports: readonly Kept[]): Promise<void> {
  await replaceFile(file, `${JSON.stringify(reports)}\n`, undefined);
}

function eventsOf(kept: Kept): readonly LeaseEvent[] {
  const order = orderOf(kept);
  return order === undefined ? [] : leaseEvents(order, fromWallClock(kept.at));
}

/** Undefined for one that is over, or was never valid. */
function orderOf(kept: Kept): LeaseOrder | undefined {
  try {
    return readLeaseOrder(kept);
  } catch {
    return undefined;
  }
}

/** Why its content may be a stranger's. */
function faultOf({ uid, mode }: Stats): string | undefined {
  if (uid !== 0 && uid !== process.geteuid?.()) return `it belongs to user ${uid}`;
  return (mode & 0o022) === 0 ? undefined : 'others than its owner may write to it';
}
