import type { Binding, Family } from '../../../models/path.ts';
import type { IcmpSocketKind } from '../../kernel/icmp-socket.ts';
import { boundSocket, closeDescriptor, LibcError } from '../../kernel/libc.ts';
import { excludedFromPingSockets, permitPingSockets } from '../../reach/failure.ts';
import type { BoundEcho, Echo } from './echo.ts';
import { createPingProgram } from './ping-program.ts';
import { createSocketEcho } from './socket-echo.ts';

const recheckMs = 30_000;

/** Why a kind of socket cannot be used here; `undefined` when it can. */
export type Refusal = (kind: IcmpSocketKind) => string | undefined;

/**
 * The best means of sending echoes that this machine permits: ping sockets, else raw sockets, else the ping program.
 * Checked again at most every 30 s, when echoes are sent; those already bound then change over to the better means.
 */
export function chooseEcho(refusal: Refusal = socketRefusal): Echo {
  let checkedAt = performance.now();
  let chosen = choose(undefined, refusal);

  function current(): Echo {
    const now = performance.now();
    if (now - checkedAt < recheckMs) return chosen;
    checkedAt = now;
    chosen = choose(chosen, refusal);
    return chosen;
  }

  return {
    get means() {
      return chosen.means;
    },
    get reason() {
      return chosen.reason;
    },
    get overheadMs() {
      return chosen.overheadMs;
    },
    bind: (family, binding) => following(current, family, binding),
  };
}

/** A bound echo that changes over when a different means is chosen. */
function following(current: () => Echo, family: Family, binding: Binding): BoundEcho {
  let means = current();
  let bound = means.bind(family, binding);
  let released = false;
  return {
    echo(address, request) {
      const now = current();
      if (now !== means && !released) {
        bound.release();
        means = now;
        bound = now.bind(family, binding);
      }
      return bound.echo(address, request);
    },
    release() {
      released = true;
      bound.release();
    },
  };
}

/** `before`: kept if it is still the best. */
function choose(before: Echo | undefined, refusal: Refusal): Echo {
  const noPingSockets = refusal('icmp');
  const noRawSockets = noPingSockets === undefined ? undefined : refusal('raw icmp');
  const same = (means: Echo['means'], reason: string | undefined): Echo | undefined =>
    before?.means === means && before.reason === reason ? before : undefined;
  if (noPingSockets === undefined) return same('ping sockets', undefined) ?? createSocketEcho();
  if (noRawSockets === undefined)
    return same('raw sockets', noPingSockets) ?? createSocketEcho(noPingSockets);
  const reason = noPingSockets === noRawSockets ? noPingSockets : `${noPingSockets}; ${noRawSockets}`;
  return same('ping program', reason) ?? createPingProgram(reason);
}

/** Why sockets of a kind cannot be used here; `undefined` when they can. */
export function socketRefusal(kind: IcmpSocketKind): string | undefined {
  try {
    closeDescriptor(boundSocket(kind, 4, loopback));
    return undefined;
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    if (error.code === 'EACCES') return excludedFromPingSockets;
    if (error.code === 'EPERM') return kind === 'icmp' ? bindingForbidden : rawForbidden;
    if (error.code === 'EKOFFI') return `the libc binding (koffi) does not work here: ${String(error.cause)}`;
    return undefined; // the loopback device is down or has no address: sockets are permitted all the same
  }
}

const loopback = { interfaceName: 'lo', address: Uint8Array.of(127, 0, 0, 1), scopeId: 0 };
const bindingForbidden = 'binding a socket to a device needs CAP_NET_RAW: run as root, or give it';
const rawForbidden = `raw sockets need CAP_NET_RAW: give it, or ${permitPingSockets}`;
