import { createSocket, type Socket } from 'node:dgram';
import { isIPv6, SocketAddress } from 'node:net';
import type { Binding, Family } from '../../../models/path.ts';
import type { Failure, TestResult } from '../../../models/test-result.ts';
import {
  boundSocket,
  closeDescriptor,
  forbidFragments,
  LibcError,
  peerAddress,
  sendDatagram,
} from '../../kernel/libc.ts';
import { addressBytes } from '../../reach/address-bytes.ts';
import { noAnswer, notRun, openFailure, sendFailure } from '../../reach/failure.ts';
import type { Deadlines, Expiring } from '../deadlines.ts';
import { type EchoRequest, lateAnswerMs } from './echo.ts';
import { answeredSequence, echoRequest, number } from './icmp.ts';

const receiveBufferBytes = 212_992; // net.core.rmem_max by default; the kernel doubles it

/**
 * Echoes through one device from one address, all on one ping socket, told apart by sequence number. The socket is
 * opened by the first echo, and opened anew when the kernel says that its device or address is no longer the same.
 */
export class EchoSocket {
  readonly #family: Family;
  readonly #binding: Binding;
  readonly #deadlines: Deadlines;
  readonly #whole: boolean;
  readonly #requests = new Map<number, Buffer>(); // by size
  readonly #targets = new Map<string, Target>(); // by what the caller wrote
  readonly #unanswered = new Map<number, PendingEcho>(); // by sequence number, oldest first; also those overdue
  #socket: { readonly descriptor: number; readonly receiver: Socket } | undefined;
  #sequence = 0;

  /** `deadlines` must count in `performance.now()`. `whole`: no router may break its packets up. */
  constructor(family: Family, binding: Binding, deadlines: Deadlines, whole = false) {
    this.#family = family;
    this.#binding = binding;
    this.#deadlines = deadlines;
    this.#whole = whole;
  }

  echo(address: string, request: EchoRequest): Promise<TestResult> {
    this.#forgetOld();
    const problem = this.#open();
    if (problem !== undefined) return Promise.resolve(problem);
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    return new Promise((resolve) => {
      const echo = new PendingEcho(this.#target(address), request, resolve);
      echo.explain = () => this.#explain(echo);
      this.#unanswered.delete(sequence); // a new key goes to the end of the map, a known one does not
      this.#unanswered.set(sequence, echo);
      this.#deadlines.add(echo);
      const packet = this.#request(request.size);
      number(packet, sequence); // it has left when `send` returns, and may be used again
      const problem = this.#send(packet, echo.target);
      if (problem !== undefined) this.#fail(sequence, echo, problem);
    });
  }

  /** Closes the socket. Echoes under way end as not run. */
  close(): void {
    this.#closeSocket();
    for (const echo of this.#unanswered.values()) echo.settle(notRun('the check was abandoned'));
    this.#unanswered.clear();
  }

  /** Past Node: its sockets look up, schedule and call back around each packet, which costs more than sending it. */
  #send(packet: Buffer, { peer }: Target): string | undefined {
    if (this.#socket === undefined) return 'EBADF';
    return sendDatagram(this.#socket.descriptor, packet, peer);
  }

  #open(): Failure | undefined {
    if (this.#socket !== undefined) return undefined;
    const descriptor = openDescriptor(this.#family, this.#binding, this.#whole);
    if (typeof descriptor !== 'number') return descriptor;
    const receiver = createSocket({
      type: this.#family === 4 ? 'udp4' : 'udp6',
      recvBufferSize: receiveBufferBytes,
    });
    receiver.on('error', () => this.#closeSocket()); // its device is going: the next echo opens it anew and says why
    receiver.on('message', (packet, from) => this.#receive(packet, from.address));
    receiver.bind({ fd: descriptor });
    this.#socket = { descriptor, receiver };
    return undefined;
  }

  #closeSocket(): void {
    this.#socket?.receiver.close();
    this.#socket = undefined;
  }

  #receive(packet: Buffer, from: string): void {
    const sequence = answeredSequence(this.#family, packet);
    const echo = sequence === undefined ? undefined : this.#unanswered.get(sequence);
    if (sequence === undefined || echo?.target.name !== withoutZone(from)) return;
    this.#unanswered.delete(sequence);
    echo.answer();
  }

  #fail(sequence: number, echo: PendingEcho, code: string): void {
    this.#unanswered.delete(sequence);
    const aboutRoute = code === 'ENETUNREACH' || code === 'EINVAL' || code === 'ENODEV';
    // The kernel says the same of a device that was re-created, or an address that is gone: a new socket tells them apart.
    if (aboutRoute && this.#socket !== undefined) this.#closeSocket();
    const problem = aboutRoute ? this.#open() : undefined;
    echo.settle(problem ?? sendFailure(code, echo.target.name, this.#binding));
  }

  /** Why an echo is unanswered: an IPv6 socket goes on sending from an address that is gone. */
  #explain(echo: PendingEcho): Failure {
    const descriptor = openDescriptor(this.#family, this.#binding);
    if (typeof descriptor !== 'number') return descriptor;
    closeDescriptor(descriptor);
    return noAnswer(echo.request.timeoutMs);
  }

  #forgetOld(): void {
    const oldest = performance.now() - lateAnswerMs;
    for (const [sequence, echo] of this.#unanswered) {
      if (echo.sentAt > oldest) return;
      this.#unanswered.delete(sequence);
    }
  }

  #request(size: number): Buffer {
    const request = this.#requests.get(size) ?? echoRequest(this.#family, size);
    this.#requests.set(size, request);
    return request;
  }

  #target(address: string): Target {
    const target = this.#targets.get(address) ?? targetOf(this.#family, address);
    this.#targets.set(address, target);
    return target;
  }
}

/** Whom an echo asks. */
interface Target {
  readonly name: string; // as answers carry it
  readonly peer: Buffer;
}

/** One echo until it is answered, or too old to be. */
class PendingEcho implements Expiring {
  readonly target: Target;
  readonly request: EchoRequest;
  readonly sentAt = performance.now();
  readonly dueAt: number;
  over = false;
  explain: (() => Failure) | undefined;
  readonly #resolve: (result: TestResult) => void;

  constructor(target: Target, request: EchoRequest, resolve: (result: TestResult) => void) {
    this.target = target;
    this.request = request;
    this.dueAt = this.sentAt + request.timeoutMs;
    this.#resolve = resolve;
  }

  settle(result: TestResult): void {
    if (this.over) return;
    this.over = true;
    this.#resolve(result);
  }

  answer(): void {
    const rttMs = performance.now() - this.sentAt;
    if (this.over) this.request.onLate?.(rttMs);
    else this.settle({ ok: true, rttMs });
  }

  expire(): void {
    // Not before what the socket already holds is read: after a stall of this process the answer may be there.
    setImmediate(() => {
      if (!this.over && this.explain) this.settle(this.explain());
    });
  }
}

function openDescriptor(family: Family, binding: Binding, whole = false): number | Failure {
  const { interfaceName, address, mark } = binding;
  const scopeId = /^fe[89ab]/i.test(address) ? binding.interfaceIndex : 0; // link-local, RFC 4291 2.5.6
  try {
    const descriptor = boundSocket('icmp', family, {
      interfaceName,
      address: addressBytes(address),
      scopeId,
      mark,
    });
    if (whole) forbidFragments(descriptor, family);
    return descriptor;
  } catch (error) {
    if (error instanceof LibcError) return openFailure(error.code, family, binding);
    throw error;
  }
}

/** The device gives the scope, so the zone is left out. */
function targetOf(family: Family, address: string): Target {
  const bare = withoutZone(address);
  const name = isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare;
  return { name, peer: peerAddress(family, addressBytes(bare)) };
}

function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}
