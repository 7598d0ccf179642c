import { isIPv6, Socket, type SocketConstructorOpts } from 'node:net';
import { closeDescriptor } from '../../kernel/libc.ts';
import type { ReachContext } from '../reach-context.ts';
import { ReachError } from '../reach-error.ts';
import { attemptBytes, connectionBytes } from '../wire-bytes.ts';
import { openSocket } from './bound-socket.ts';
import { connectFailure } from './connect-errors.ts';

/** An established TCP connection. */
export interface Connected {
  readonly socket: Socket;
  readonly address: string;
  readonly where: string; // for use in reasons: '10.0.0.1:443', 'example.com:443 (10.0.0.1)'
  readonly rttMs: number; // the handshake
}

/**
 * Connects through the provider to an address, a name or `'gateway'`. If an address refuses at once, or cannot be
 * reached, the name's next one is tried. @throws {ReachError}
 */
export async function connect(context: ReachContext, host: string, port: number): Promise<Connected> {
  const addresses = await context.names.lookup(host, context);
  let problem: unknown;
  for (const address of addresses) {
    try {
      return await connectTo(context, address, { host, port });
    } catch (error) {
      if (
        !(error instanceof ReachError) ||
        error.failure.code === 'not-run' ||
        context.scope.remainingMs === 0
      )
        throw error;
      problem ??= error;
    }
  }
  throw problem;
}

async function connectTo(
  context: ReachContext,
  address: string,
  { host, port }: { host: string; port: number },
): Promise<Connected> {
  const { family, binding, scope } = context;
  const where =
    host === address || host === 'gateway' ? spell(address, port) : `${spell(host, port)} (${address})`;
  const socket = socketOf(openSocket('tcp', context));
  const startedAt = performance.now();
  let isConnected = false;
  scope.hold(() => {
    socket.destroy();
    const { bytesRead: read, bytesWritten: written } = socket; // on the wire: under TLS, encrypted
    const attemptMs = performance.now() - startedAt;
    context.spend(isConnected ? connectionBytes(family, { read, written }) : attemptBytes(family, attemptMs));
  });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.on('error', (error) => reject(connectFailure(error, where, binding))); // later ones are ignored
    socket.connect({ host: address, port, family });
  });
  await scope.until(connected, () => `connecting to ${where}`, 'no-answer');
  isConnected = true;
  return { socket, address, where, rttMs: performance.now() - startedAt };
}

/** `manualStart`, which the types lack, keeps Node from reading before the socket is connected (node lib/net.js). */
function socketOf(fd: number): Socket {
  const options: SocketConstructorOpts & { manualStart: boolean } = {
    fd,
    readable: true,
    writable: true,
    manualStart: true,
  };
  try {
    return new Socket(options);
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

function spell(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
