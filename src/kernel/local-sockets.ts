import type { Connection } from './conntrack.ts';
import { run } from './exec.ts';

/** A socket of this machine, by its two ends. */
export interface LocalSocket {
  readonly address: string;
  readonly port: number;
  readonly peer: string;
  readonly peerPort: number;
}

const mostAtOnce = 100; // in one `ss` expression

/**
 * Ends connected sockets of this machine, so that their programs notice at once that the path is gone (ss(8), `-K`).
 * @throws {Error} without `ss`, without rights, or where the kernel cannot (CONFIG_INET_DIAG_DESTROY)
 */
export async function endSockets(sockets: readonly LocalSocket[]): Promise<void> {
  for (let i = 0; i < sockets.length; i += mostAtOnce) {
    const ends = sockets
      .slice(i, i + mostAtOnce)
      .map(
        ({ address, port, peer, peerPort }) =>
          `( src ${spell(address)}:${port} and dst ${spell(peer)}:${peerPort} )`,
      );
    const { code, stderr } = await run('ss', ['-K', '-H', '-n', '-t', '-u', ends.join(' or ')]);
    if (code !== 0 || stderr.trim() !== '')
      throw new Error(`ss -K: ${stderr.trim() || `it ended with ${code}`}`);
  }
}

/** This machine's end of a connection that has one of our addresses `own` on one side; undefined if it is forwarded. */
export function localEnd({ original, reply }: Connection, own: ReadonlySet<string>): LocalSocket | undefined {
  if (own.has(original.from)) return socket(original.from, original.fromPort, original.to, original.toPort);
  return own.has(reply.from)
    ? socket(reply.from, reply.fromPort, original.from, original.fromPort)
    : undefined;
}

function socket(
  address: string,
  port: number | undefined,
  peer: string,
  peerPort: number | undefined,
): LocalSocket | undefined {
  return port === undefined || peerPort === undefined ? undefined : { address, port, peer, peerPort };
}

function spell(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
