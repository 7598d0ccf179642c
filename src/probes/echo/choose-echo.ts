import type { Binding, Family } from '../../../models/path.ts';
import { closeDescriptor, icmpSocket, LibcError } from '../../kernel/libc.ts';
import { permitPingSockets } from '../../reach/failure.ts';
import type { BoundEcho, Echo } from './echo.ts';
import { createPingProgram } from './ping-program.ts';
import { createSocketEcho } from './socket-echo.ts';

const recheckMs = 30_000;

/**
 * The best means to send echoes that this machine permits: our own ping sockets, else the ping program. It looks again
 * every 30 s at most, when echoes are sent, and moves those already bound to the better means.
 */
export function chooseEcho(refusal: () => string | undefined = pingSocketRefusal): Echo {
  const sockets = createSocketEcho();
  let refused = refusal();
  let checkedAt = performance.now();
  let chosen = refused === undefined ? sockets : createPingProgram(refused);

  function current(): Echo {
    const now = performance.now();
    if (now - checkedAt < recheckMs) return chosen;
    checkedAt = now;
    const before = refused;
    refused = refusal();
    if (refused !== before) chosen = refused === undefined ? sockets : createPingProgram(refused);
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

/** A bound echo that changes over when another means is chosen. */
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

/** Why ping sockets cannot be used here; `undefined` when they can. */
export function pingSocketRefusal(): string | undefined {
  try {
    closeDescriptor(icmpSocket(4, 'lo', Uint8Array.of(127, 0, 0, 1)));
    return undefined;
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    if (error.code === 'EACCES') return permitPingSockets;
    if (error.code === 'EPERM')
      return 'binding a socket to a device needs CAP_NET_RAW: run as root, or give it';
    if (error.code === 'EKOFFI') return `the libc binding (koffi) does not work here: ${String(error.cause)}`;
    return undefined; // the loopback device is down or without address: sockets are permitted all the same
  }
}
