/** What `failover tell` reports, validated: from the orders socket, or kept while no daemon ran. */
import { isIP } from 'node:net';
import { addressOf, bytesOf } from '../../models/address.ts';
import type { LeaseEvent } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import { type Family, families } from '../../models/path.ts';
import { readInterfaceName } from '../config/values/names.ts';
import { CommandRejected } from '../report/control-commands.ts';
import { fromWallClock } from './clock.ts';

/** One report. */
export interface LeaseOrder {
  readonly what: (typeof leaseSubjects)[number];
  readonly device: string;
  readonly addresses: readonly string[]; // one gateway, or nameservers; none for `gone`
  readonly families: readonly Family[]; // those it is about
  readonly until?: number; // seconds since 1970; absent: until it is withdrawn
  readonly source: string;
}

const leaseSubjects = ['gateway', 'dns', 'gone'] as const;

/** The fields of a report as they come, before anything is known of them. */
export interface GivenReport {
  readonly what?: unknown;
  readonly device?: unknown;
  readonly words?: unknown; // addresses, or a family
  readonly until?: unknown;
  readonly source?: unknown;
}

/** Reads a report. @throws {CommandRejected} saying what is wrong with it */
export function readLeaseOrder({ what, device, words, until, source }: GivenReport): LeaseOrder {
  const [subject] = leaseSubjects.filter((one) => one === what);
  if (subject === undefined)
    throw new CommandRejected(`a report is about ${leaseSubjects.join(', ')}, not "${String(what)}"`);
  const name = readInterfaceName(typeof device === 'string' ? device : '');
  if ('rule' in name) throw new CommandRejected(`the device ${name.rule} (found "${String(device)}")`);
  const given = Array.isArray(words) ? words.map(String) : [];
  const shared = { what: subject, device: name.value, source: readSource(source), ...readUntil(until) };
  if (subject === 'gone') return { ...shared, addresses: [], families: readFamilies(given) };
  const addresses = readAddresses(subject, name.value, given);
  const about = families.filter((family) => addresses.some((address) => isIP(address) === family));
  return { ...shared, addresses, families: about };
}

function readAddresses(what: 'gateway' | 'dns', device: string, words: readonly string[]): readonly string[] {
  if (words.length === 0) throw new CommandRejected(`${nouns[what]} is missing: ${examples[what]}`);
  if (what === 'gateway' && words.length > 1)
    throw new CommandRejected(`a device has one gateway in each family (found ${words.join(' ')})`);
  return words.map((text) => readReported(text, device, what));
}

/** The events of a report. `at`: when it was made. */
export function leaseEvents(
  { what, device, addresses, until, ...order }: LeaseOrder,
  at: Instant,
): LeaseEvent[] {
  return order.families.map((family) => {
    const own = addresses.filter((address) => isIP(address) === family);
    const [gateway] = own;
    return {
      type: 'lease',
      at,
      device,
      family,
      source: order.source,
      ...(what === 'gateway' && gateway !== undefined && { gateway }),
      ...(what === 'dns' && { dns: own }),
      ...(until !== undefined && { until: fromWallClock(until * 1000) }),
    };
  });
}

const nouns = { gateway: 'the address of the gateway', dns: 'the address of a nameserver' } as const;
const examples = {
  gateway: '"failover tell gateway eth1 10.10.1.254"',
  dns: '"failover tell dns eth1 10.10.1.53 10.10.1.54"',
} as const;

/** A literal unicast address of another machine, spelled as the kernel does. A zone must be the device. */
function readReported(text: string, device: string, what: 'gateway' | 'dns'): string {
  const [address = '', zone = device, ...rest] = text.split('%');
  if (isIP(address) === 0 || zone !== device || rest.length > 0)
    throw new CommandRejected(
      `${nouns[what]} must be an address such as 10.10.1.254 or fe80::1 (found "${text}")`,
    );
  const spelled = addressOf(bytesOf(address));
  if (noMachine.test(spelled))
    throw new CommandRejected(`${nouns[what]} must be that of another machine (found "${text}")`);
  return spelled;
}

/** This network, loopback, multicast and beyond; IPv4 addresses inside IPv6. As the kernel spells them. */
const noMachine = /^(0\.|127\.|22[4-9]\.|2[345]\d\.|::$|::1$|ff[0-9a-f]{2}:|::ffff:)/;

function readFamilies(words: readonly string[]): readonly Family[] {
  if (words.length === 0) return families;
  const [family] = families.filter((one) => words.length === 1 && String(one) === words[0]);
  if (family !== undefined) return [family];
  throw new CommandRejected(
    `"gone" is about IPv4 and IPv6, or one of them: 4 or 6 (found "${words.join(' ')}")`,
  );
}

function readUntil(until: unknown): Pick<LeaseOrder, 'until'> {
  if (until === undefined) return {};
  const seconds = /^\d{1,12}$/.test(String(until)) ? Number(until) : Number.NaN;
  if (Number.isNaN(seconds))
    throw new CommandRejected(`--until must be a time in seconds since 1970 (found "${String(until)}")`);
  if (seconds * 1000 <= Date.now())
    throw new CommandRejected(
      `--until must be in the future: ${new Date(seconds * 1000).toISOString()} is over`,
    );
  return { until: seconds };
}

function readSource(source: unknown): string {
  if (source === undefined) return 'operator';
  const text = String(source);
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(text)) return text;
  throw new CommandRejected(
    `--source must be 1 to 32 letters, digits, '.', '_' or '-', beginning with a letter or digit (found "${text}")`,
  );
}
