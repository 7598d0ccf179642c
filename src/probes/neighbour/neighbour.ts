import type { TestResult } from '../../../models/test-result.ts';
import { closeDescriptor, LibcError, netlinkSocket, requestNetlink } from '../../kernel/libc.ts';
import { failed } from '../../reach/failure.ts';
import type { ReachContext } from '../../reach/reach-context.ts';
import { impossible, type ReachError } from '../../reach/reach-error.ts';
import { neighbourBytes } from '../../reach/wire-bytes.ts';
import {
  errorIn,
  type Neighbour,
  readRequest,
  setRequest,
  state,
  stateIn,
  useRequest,
} from './neighbour-messages.ts';

const ENOENT = 2;
const EPERM = 1;
const ENODEV = 19;
const firstLookMs = 1;
const longestPauseMs = 20;
const unansweredRequests = 3; // net.ipv4.neigh.default.ucast_solicit and mcast_solicit

/**
 * Whether the gateway answers ARP or neighbour discovery now. A cached entry proves nothing, so it is put
 * into the state PROBE, in which the kernel asks at once and only an answer leads to REACHABLE; traffic
 * continues meanwhile.
 * @throws {ReachError}
 */
export async function probeNeighbour(context: ReachContext): Promise<TestResult> {
  const { binding, family, scope } = context;
  const { gateway, interfaceIndex, interfaceName } = binding;
  if (gateway === undefined) throw impossible(`${interfaceName} has no IPv${family} gateway to ask`);
  const neighbour = { family, interfaceIndex, address: gateway };
  const fd = openNetlink();
  const close = scope.hold(() => closeDescriptor(fd));
  try {
    provoke(fd, neighbour, context);
    const result = await answer(fd, neighbour, context);
    context.spend(neighbourBytes(family) * (result.ok ? 2 : unansweredRequests));
    return result;
  } finally {
    close();
  }
}

function openNetlink(): number {
  try {
    return netlinkSocket();
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    throw impossible(`the kernel cannot be queried about neighbours: ${error.code}`, error);
  }
}

/** Makes the kernel solicit the neighbour now. */
function provoke(fd: number, neighbour: Neighbour, context: ReachContext): void {
  const { interfaceName, gateway } = context.binding;
  const now = stateOf(fd, neighbour, context);
  if (now === state.permanent)
    throw impossible(
      `${gateway} is a permanent neighbour on ${interfaceName}, which the kernel never probes`,
    );
  if (now === state.noArp)
    throw impossible(`${interfaceName} has no neighbours to probe: devices of its kind have no ARP`);
  if (now === state.incomplete) return; // it is soliciting already, and watching needs no rights
  const isKnown = (now & (state.reachable | state.stale | state.delay | state.probe)) !== 0;
  if (!isKnown) {
    order(fd, useRequest(neighbour), context);
    return;
  }
  if (now === state.probe) order(fd, setRequest(neighbour, state.stale), context); // otherwise nothing would change
  order(fd, setRequest(neighbour, state.probe), context);
}

async function answer(fd: number, neighbour: Neighbour, context: ReachContext): Promise<TestResult> {
  const { binding, family, scope } = context;
  const startedAt = performance.now();
  for (let pauseMs = firstLookMs; scope.remainingMs > 0; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const now = stateOf(fd, neighbour, context);
    if (now === state.reachable) return { ok: true, rttMs: performance.now() - startedAt };
    if (now === state.failed || now === state.none) break; // the kernel has given up
    await scope.pause(Math.min(pauseMs, scope.remainingMs));
  }
  const protocol = family === 4 ? 'ARP' : 'neighbour discovery';
  const waitedMs = Math.round(performance.now() - startedAt);
  return failed(
    { code: 'no-answer', afterMs: waitedMs },
    `the gateway ${binding.gateway} did not answer ${protocol} on ${binding.interfaceName} within ${waitedMs} ms`,
  );
}

function stateOf(fd: number, neighbour: Neighbour, context: ReachContext): number {
  const answer = requestNetlink(fd, readRequest(neighbour));
  const error = errorIn(answer);
  if (error === ENOENT) return state.none;
  if (error !== 0) throw refused(error, context);
  return stateIn(answer);
}

function order(fd: number, request: Buffer, context: ReachContext): void {
  const error = errorIn(requestNetlink(fd, request));
  if (error !== 0) throw refused(error, context);
}

function refused(error: number, { binding }: ReachContext): ReachError {
  const { interfaceName } = binding;
  if (error === ENODEV) return impossible(`interface ${interfaceName} is missing`);
  if (error === EPERM)
    return impossible('probing neighbours is not permitted: run as root, or give CAP_NET_ADMIN');
  return impossible(`the kernel refused to probe the neighbour on ${interfaceName}: errno ${error}`);
}
