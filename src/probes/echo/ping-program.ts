import { isIP } from 'node:net';
import { isLinkLocal } from '../../../models/link-local.ts';
import { messageOf } from '../../../models/message-of.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Failure, TestResult } from '../../../models/test-result.ts';
import {
  excludedFromPingSockets,
  failed,
  noAnswer,
  notRun,
  openFailure,
  permitPingSockets,
} from '../../reach/failure.ts';
import type { BoundEcho, Echo, EchoRequest } from './echo.ts';

const lateMs = 500; // each wait keeps a process running, so it is short
const smallestTimedSize = 16; // below it ping(8) has no room for its timestamp, and prints no RTT

/** Echoes sent by ping(8), a process each: slow, but it works wherever a user may ping. `reason`: why it is needed. */
export function createPingProgram(reason: string): Echo {
  return { means: 'ping program', reason, overheadMs: 100, bind };
}

function bind(family: Family, binding: Binding): BoundEcho {
  let released = false;
  const source = { family, binding, hasAnswered: false };
  return {
    echo(address, request) {
      if (released) return Promise.resolve(notRun('the check was abandoned'));
      if (isIP(address) === family) return echo(source, address, request);
      return Promise.resolve(notRun(`"${address}" is not an IPv${family} address`));
    },
    release() {
      released = true;
    },
  };
}

interface Source {
  readonly family: Family;
  readonly binding: Binding;
}

/** A source that may have been answered: until it is, echoes may wait for the neighbour's address. */
type UsedSource = Source & { hasAnswered: boolean };

/** Resolves when ping ends or at the deadline; what ping prints after it is a late answer. */
function echo(source: UsedSource, address: string, request: EchoRequest): Promise<TestResult> {
  const isFirst = !source.hasAnswered;
  return new Promise((resolve) => {
    let overdue = false;
    const timer = setTimeout(() => {
      overdue = true;
      resolve(noAnswer(request.timeoutMs));
    }, request.timeoutMs);
    pingOnce(source, address, request).then((found) => {
      clearTimeout(timer);
      const result = found.ok && isFirst ? ({ ...found, untimed: true } as const) : found;
      source.hasAnswered ||= result.ok;
      if (overdue && result.ok) request.onLate?.(result);
      resolve(result);
    });
  });
}

/** Never rejects. */
async function pingOnce(source: Source, address: string, request: EchoRequest): Promise<TestResult> {
  const { binding, family } = source;
  try {
    const { default: ping } = await import('ping'); // needed only where our own sockets are not permitted
    const answer = await ping.promise.probe(address, {
      v6: false, // true would run `ping6`, which not every system has
      timeout: (request.timeoutMs + lateMs) / 1000,
      packetSize: Math.max(request.size, smallestTimedSize),
      sourceAddr: zoned(binding),
      // -I last, since BusyBox's ping obeys only one.
      extra: [
        `-${family}`,
        ...marked(binding),
        ...(request.whole ? ['-M', 'do'] : []),
        '-I',
        binding.interfaceName,
      ],
    });
    if (answer.alive && typeof answer.time === 'number') return { ok: true, rttMs: answer.time };
    return pingFailure(answer.output, source, request.timeoutMs);
  } catch (error) {
    const cause = messageOf(error);
    return notRun(`the ping program could not be started: install iputils-ping (${cause.trim()})`);
  }
}

/**
 * What ping printed in place of an answer. The package (ping 0.4) takes every failure for a lost packet, so we read it.
 */
export function pingFailure(output: string, { family, binding }: Source, timeoutMs: number): Failure {
  if (/No such device|unknown iface/i.test(output)) return openFailure('ENODEV', family, binding);
  if (/Cannot assign requested address/i.test(output)) return openFailure('EADDRNOTAVAIL', family, binding);
  if (/No buffer space/i.test(output)) return notRun(`the send buffer of ${binding.interfaceName} is full`);
  if (/Operation not permitted|permission denied|missing cap_net_raw/i.test(output))
    return notRun(
      `the ping program is not permitted to send: ${excludedFromPingSockets}: ${permitPingSockets}`,
    );
  const tooLarge = /message too long|frag needed|packet too big/i.test(output);
  if (tooLarge)
    return failed('too-large', `the packet is too large for the path through ${binding.interfaceName}`);
  const unreachable = /(?:network|host|net|route|address)(?: is)? (?:unreachable|prohibited)|no route/i.exec(
    output,
  )?.[0];
  if (unreachable !== undefined)
    return failed('unreachable', `no route through ${binding.interfaceName} (ping: ${unreachable})`);
  const complaint = /^ping6?: (?!WARNING)(.+)$/im.exec(output)?.[1];
  return complaint === undefined ? noAnswer(timeoutMs) : notRun(`the ping program failed: ${complaint}`);
}

/** Sets the mark, as our own sockets do; iputils only. */
function marked({ mark }: Binding): readonly string[] {
  return mark === undefined ? [] : ['-m', String(mark)];
}

function zoned({ address, interfaceName }: Binding): string {
  return isLinkLocal(address) ? `${address}%${interfaceName}` : address;
}
