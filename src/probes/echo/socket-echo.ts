import { isIP } from 'node:net';
import type { Binding, Family } from '../../../models/path.ts';
import { notRun } from '../../reach/failure.ts';
import { Deadlines } from '../deadlines.ts';
import type { BoundEcho, Echo } from './echo.ts';
import { EchoSocket } from './ping-socket.ts';

/** The sockets of one path: two, since whether packets may be fragmented is set per socket. */
interface Shared {
  readonly socket: EchoSocket;
  whole: EchoSocket | undefined;
  uses: number;
}

/**
 * Echoes on our own sockets: one per family, device, device index, source address and mark, shared and
 * reference-counted. `rawBecause`: why they must be raw; if absent, ping sockets.
 */
export function createSocketEcho(rawBecause?: string): Echo {
  const kind = rawBecause === undefined ? 'icmp' : 'raw icmp';
  const deadlines = new Deadlines(() => performance.now());
  const sockets = new Map<string, Shared>();

  function bind(family: Family, binding: Binding): BoundEcho {
    const { interfaceIndex, interfaceName, address: own, mark } = binding;
    const key = `${family} ${interfaceIndex} ${interfaceName} ${own} ${mark}`;
    const open = (whole: boolean) => new EchoSocket({ kind, family, binding, whole }, deadlines);
    const shared = sockets.get(key) ?? { socket: open(false), whole: undefined, uses: 0 };
    sockets.set(key, shared);
    shared.uses += 1;
    let released = false;
    return {
      echo(address, request) {
        if (released) return Promise.resolve(notRun('the check was abandoned'));
        if (isIP(address) !== family)
          return Promise.resolve(notRun(`"${address}" is not an IPv${family} address`));
        if (!request.whole) return shared.socket.echo(address, request);
        shared.whole ??= open(true);
        return shared.whole.echo(address, request);
      },
      release() {
        if (released) return;
        released = true;
        shared.uses -= 1;
        if (shared.uses > 0) return;
        shared.socket.close();
        shared.whole?.close();
        sockets.delete(key);
        if (sockets.size === 0) deadlines.clear(); // its timer would keep a command from ending
      },
    };
  }

  const means = rawBecause === undefined ? 'ping sockets' : 'raw sockets';
  return { means, reason: rawBecause, overheadMs: 0, bind };
}
