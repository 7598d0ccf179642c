import { isLinkLocal } from '../../../models/link-local.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Failure, TestResult } from '../../../models/test-result.ts';
import { IcmpSocket, type IcmpSocketKind, peerAddress } from '../../kernel/icmp-socket.ts';
import { boundSocket, closeDescriptor, LibcError, type Local } from '../../kernel/libc.ts';
import { addressBytes } from '../../reach/address-bytes.ts';
import { noAnswer, notRun, openFailure, sendFailure } from '../../reach/failure.ts';
import type { Deadlines, Expiring } from '../deadlines.ts';
import { type EchoRequest, lateAnswerMs } from './echo.ts';
import { EchoRequestPacket } from './icmp.ts';
import { timed } from './timing.ts';

/** How a path's echoes are sent. */
export interface EchoPath {
  readonly kind: IcmpSocketKind;
  readonly family: Family;
  readonly binding: Binding;
  readonly whole: boolean; // its packets are never fragmented
}

const mostAtOnce = 64; // packets read before anything else may happen

/**
 * Echoes through one device from one address, all on one socket, matched by sequence number. The socket is opened by
 * the first echo, and replaced when the kernel reports that its device or address is no longer the same.
 */
export class EchoSocket {
  readonly #path: EchoPath;
  readonly #deadlines: Deadlines;
  readonly #targets = new Map<string, Target>(); // by address as the caller wrote it
  readonly #unanswered = new Map<number, PendingEcho>(); // by sequence number, oldest first; including overdue ones
  #socket: { readonly icmp: IcmpSocket; readonly packets: Map<number, EchoRequestPacket> } | undefined; // by size
  #sequence = 0;
  #hasAnswered = false; // since it was opened

  /** `deadlines` must count in `performance.now()`. */
  constructor(path: EchoPath, deadlines: Deadlines) {
    this.#path = path;
    this.#deadlines = deadlines;
  }

  echo(address: string, request: EchoRequest): Promise<TestResult> {
    this.#forgetOld();
    const problem = this.#open();
    if (problem !== undefined) return Promise.resolve(problem);
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    return new Promise((resolve) => {
      const isFirst = !this.#hasAnswered;
      const echo = new PendingEcho(this, { target: this.#target(address), request, isFirst, resolve });
      this.#unanswered.delete(sequence); // only a new key goes to the end of the map
      this.#unanswered.set(sequence, echo);
      this.#deadlines.add(echo);
      const problem = this.#send(sequence, echo);
      echo.sentBy = performance.now();
      if (problem !== undefined) this.#fail(sequence, echo, problem);
    });
  }

  /** Closes the socket. Pending echoes end as not run. */
  close(): void {
    this.#closeSocket();
    for (const echo of this.#unanswered.values()) echo.settle(notRun('the check was abandoned'));
    this.#unanswered.clear();
  }

  /** Reads the answers that have arrived. */
  receive(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    const onAnswer = (sequence: number): void => this.#answered(sequence, socket.icmp);
    for (let read = 1; socket.icmp.receive(onAnswer) && read < mostAtOnce; read += 1)
      if (this.#unanswered.size === 0) return; // nearly always: nothing more can be there
  }

  /** Why an echo is unanswered: an IPv6 socket keeps sending from an address that is gone. */
  explain(timeoutMs: number): Failure {
    const { kind, family, binding } = this.#path;
    try {
      closeDescriptor(boundSocket(kind, family, localOf(binding)));
      return noAnswer(timeoutMs);
    } catch (error) {
      return openingFailure(error, this.#path);
    }
  }

  #send(sequence: number, { request: { size }, target }: PendingEcho): string | undefined {
    if (this.#socket === undefined) return 'EBADF';
    const { icmp, packets } = this.#socket;
    const packet = packets.get(size) ?? new EchoRequestPacket(this.#path.family, size, icmp.identifier);
    packets.set(size, packet);
    packet.number(sequence); // it has been sent by the time `send` returns, so the buffer is reused
    return icmp.send(packet.bytes, target.peer);
  }

  #open(): Failure | undefined {
    if (this.#socket !== undefined) return undefined;
    const { kind, family, binding, whole } = this.#path;
    try {
      const icmp = new IcmpSocket({ kind, family, local: localOf(binding), whole });
      this.#socket = { icmp, packets: new Map() };
      this.#hasAnswered = false;
      const ifOpen = (action: () => void) => () => {
        if (this.#socket?.icmp === icmp) action();
      };
      // Its device is going away: the next echo reopens it, and reports why if it cannot.
      const close = ifOpen(() => this.#closeSocket());
      icmp.watch(
        ifOpen(() => this.receive()),
        close,
      );
      return undefined;
    } catch (error) {
      return openingFailure(error, this.#path);
    }
  }

  #closeSocket(): void {
    this.#socket?.icmp.close();
    this.#socket = undefined;
  }

  #answered(sequence: number, icmp: IcmpSocket): void {
    const echo = this.#unanswered.get(sequence);
    if (echo === undefined || !icmp.isFrom(echo.target.peer)) return;
    this.#unanswered.delete(sequence);
    this.#hasAnswered = true;
    echo.answer(icmp);
  }

  #fail(sequence: number, echo: PendingEcho, code: string): void {
    this.#unanswered.delete(sequence);
    const aboutRoute = code === 'ENETUNREACH' || code === 'EINVAL' || code === 'ENODEV';
    // The kernel reports the same for a re-created device and for an address that is gone: a new socket shows which.
    if (aboutRoute && this.#socket !== undefined) this.#closeSocket();
    const problem = aboutRoute ? this.#open() : undefined;
    echo.settle(problem ?? sendFailure(code, echo.target.name, this.#path.binding));
  }

  #forgetOld(): void {
    const oldest = performance.now() - lateAnswerMs;
    for (const [sequence, echo] of this.#unanswered) {
      if (echo.sentAt > oldest) return;
      this.#unanswered.delete(sequence);
    }
  }

  #target(address: string): Target {
    const target = this.#targets.get(address) ?? targetOf(this.#path.family, address);
    this.#targets.set(address, target);
    return target;
  }
}

/** Where an echo is sent to. */
interface Target {
  readonly name: string;
  readonly peer: Buffer;
}

/** What a pending echo is made of. */
interface EchoParts {
  readonly target: Target;
  readonly request: EchoRequest;
  readonly isFirst: boolean; // nothing has been answered yet
  resolve(result: TestResult): void;
}

/** One echo until it is answered, or too old for an answer to count. */
class PendingEcho implements Expiring {
  readonly target: Target;
  readonly request: EchoRequest;
  readonly sentAt = performance.now();
  readonly dueAt: number;
  readonly isFirst: boolean;
  sentBy = 0; // when sending it had ended
  over = false;
  readonly #socket: EchoSocket;
  readonly #resolve: (result: TestResult) => void;

  constructor(socket: EchoSocket, { target, request, isFirst, resolve }: EchoParts) {
    this.#socket = socket;
    this.target = target;
    this.request = request;
    this.isFirst = isFirst;
    this.dueAt = this.sentAt + request.timeoutMs;
    this.#resolve = resolve;
  }

  settle(result: TestResult): void {
    if (this.over) return;
    this.over = true;
    this.#resolve(result);
  }

  /** Its answer was just read from the socket. */
  answer(icmp: IcmpSocket): void {
    const { sentAt, sentBy, isFirst } = this;
    const elapsedMs = performance.now() - sentAt;
    const waitedMs = icmp.isStamped ? icmp.waitedMs() : 0;
    const result = timed({ elapsedMs, sendMs: sentBy - sentAt, waitedMs, isFirst });
    if (this.over) this.request.onLate?.(result);
    else this.settle(result);
  }

  expire(): void {
    this.#socket.receive(); // after a stall of this process the answer may already be there
    if (!this.over) this.settle(this.#socket.explain(this.request.timeoutMs));
  }
}

/** The failure for a socket that could not be opened. @throws anything but a libc error */
function openingFailure(error: unknown, { kind, family, binding }: EchoPath): Failure {
  if (!(error instanceof LibcError)) throw error;
  const { mark, ...unmarked } = binding;
  const isMarked = mark !== undefined && kind === 'icmp'; // a raw socket needs CAP_NET_RAW before CAP_NET_ADMIN
  return openFailure(error.code, family, isMarked ? binding : unmarked);
}

function localOf({ interfaceName, interfaceIndex, address, mark }: Binding): Local {
  const scopeId = isLinkLocal(address) ? interfaceIndex : 0;
  return { interfaceName, address: addressBytes(address), scopeId, mark };
}

/** Without the zone: the device gives the scope. */
function targetOf(family: Family, address: string): Target {
  const name = withoutZone(address);
  return { name, peer: peerAddress(family, addressBytes(name)) };
}

function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}
