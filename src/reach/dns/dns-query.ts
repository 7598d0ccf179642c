import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import type { Duplex } from 'node:stream';
import type { Family } from '../../../models/path.ts';
import type { DnsReply } from '../../../models/primitives.ts';
import { closeDescriptor } from '../../kernel/libc.ts';
import { openSocket } from '../net/bound-socket.ts';
import { connect } from '../net/connect.ts';
import { brokenFailure, codeOf } from '../net/connect-errors.ts';
import { raceStaggered } from '../net/staggered.ts';
import type { ReachContext } from '../reach-context.ts';
import { failure, ReachError } from '../reach-error.ts';
import { datagramBytes } from '../wire-bytes.ts';
import { type DnsMessage, type Question, readAnswer } from './dns-message.ts';

const dnsPort = 53;

/**
 * Queries one server: over UDP, and also over TCP if the answer is truncated, refused, or does not come within half the
 * remaining time. @throws {ReachError}
 */
export async function queryServer(
  context: ReachContext,
  server: string,
  question: Question,
): Promise<DnsReply> {
  const startedAt = performance.now();
  const means = [() => askOverUdp(context, server, question), () => askOverTcp(context, server, question)];
  try {
    const message = await raceStaggered(means, context.scope.remainingMs / 2, context.scope);
    const { code, answers, ttlS } = message;
    return { code, answers, ttlS, server, rttMs: performance.now() - startedAt };
  } catch (problems) {
    const real = [problems].flat().filter((problem) => !(problem instanceof Truncated));
    throw real.find((problem) => !isTimeout(problem)) ?? real[0]; // a refusal says more than a timeout
  }
}

function isTimeout(problem: unknown): boolean {
  return problem instanceof ReachError && problem.failure.code === 'no-answer';
}

/** Not a failure: the answer is available over TCP. */
class Truncated extends Error {}

function askOverUdp(context: ReachContext, server: string, question: Question): Promise<DnsMessage> {
  const { family, binding, scope, spend } = context;
  const socket = datagramSocketOf(openSocket('udp', context), family);
  let isOpen = true;
  const close = scope.hold(() => {
    isOpen = false; // 'connect' may still be emitted, and a closed socket throws
    socket.close();
  });
  const answered = new Promise<DnsMessage>((resolve, reject) => {
    socket.on('error', (error) => reject(datagramFailure(error, server, binding.interfaceName)));
    socket.on('message', (bytes) => {
      spend(datagramBytes(family, bytes.length));
      const message = readAnswer(bytes, question);
      if (message?.truncated) reject(new Truncated());
      else if (message !== undefined) resolve(message);
    });
    socket.once('connect', () => {
      if (!isOpen) return;
      spend(datagramBytes(family, question.bytes.length));
      socket.send(question.bytes);
    });
    // Once connected, it receives only the server's answers, and its ICMP errors.
    socket.connect(dnsPort, server);
  });
  return scope.until(answered, () => waiting(server, question), 'no-answer').finally(close);
}

/** Node's socket on a descriptor. It owns the descriptor from the start, so that closing it closes both. */
function datagramSocketOf(fd: number, family: Family): DatagramSocket {
  const lookup = (address: string, _options: unknown, callback: LookupCallback) =>
    callback(null, address, family); // it is a literal address
  try {
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', lookup });
    return socket.bind({ fd }); // synchronous, given a descriptor
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string, family: number) => void;

function datagramFailure(error: Error, server: string, interfaceName: string): ReachError {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED')
    return failure('refused', `${server} has no DNS server: it refused the question`, error);
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EINVAL')
    return failure('unreachable', `no route to ${server} through ${interfaceName}`, error);
  return failure('unreachable', `${server} could not be queried through ${interfaceName}: ${code}`, error);
}

async function askOverTcp(context: ReachContext, server: string, question: Question): Promise<DnsMessage> {
  const { socket, where } = await connect(context, server, dnsPort);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(question.bytes.length);
  socket.write(Buffer.concat([length, question.bytes])); // RFC 1035 4.2.2
  const answered = framed(socket, where).then((bytes) => {
    const message = readAnswer(bytes, question);
    if (message === undefined)
      throw failure('wrong-answer', `${server} sent something over TCP that does not answer the question`);
    return message;
  });
  return context.scope
    .until(answered, () => waiting(server, question), 'no-answer')
    .finally(() => socket.destroy());
}

/** Reads one message with its length prefix. */
function framed(socket: Duplex, where: string): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    socket.on('error', (error) => reject(brokenFailure(error, where, 'waiting for the answer')));
    socket.once('close', () =>
      reject(failure('refused', `${where} closed the connection without an answer`)),
    );
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
      const length = bytes.length < 2 ? Number.POSITIVE_INFINITY : 2 + bytes.readUInt16BE();
      if (bytes.length >= length) resolve(bytes.subarray(2, length));
    });
  });
}

function waiting(server: string, { name, type }: Question): string {
  return `waiting for ${server} to answer for ${name} (${type})`;
}
