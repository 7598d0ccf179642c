import type { Duplex } from 'node:stream';
import type { Connection, ConnectOptions } from '../../../models/primitives.ts';
import type { ReachContext } from '../reach-context.ts';
import { connect } from './connect.ts';
import { brokenFailure } from './connect-errors.ts';
import { loadTrust, startTls, type Trust } from './tls.ts';

/** An open connection. */
export interface OpenStream {
  readonly stream: Duplex;
  readonly address: string; // the literal address it leads to
  readonly where: string; // for use in reasons: 'example.com:443 (10.0.0.1)'
  readonly rttMs: number; // the TCP handshake: one round trip
}

/** A TCP connection through the path, with TLS if asked for. @throws {ReachError} */
export async function openStream(
  context: ReachContext,
  { host, port }: { host: string; port: number },
  { tls = false }: ConnectOptions,
): Promise<OpenStream> {
  const trust = tls === false ? undefined : await loadTrust(tls === true ? {} : tls);
  const connected = await connect(context, host, port);
  const { address, where, rttMs, socket } = connected;
  const named = (given: Trust) => ({ ...given, host: given.host || (host === 'gateway' ? address : host) });
  const stream = trust === undefined ? socket : await startTls(connected, named(trust), context.scope);
  return { stream, address, where, rttMs };
}

/** The same for a scenario, which reads text. @throws {ReachError} */
export async function openConnection(
  context: ReachContext,
  target: { host: string; port: number },
  options: ConnectOptions,
): Promise<Connection> {
  const { stream, address, where, rttMs } = await openStream(context, target, options);
  stream.setEncoding('utf8');
  return {
    address,
    rttMs,
    read: () => context.scope.until(nextPiece(stream, where), () => `waiting for ${where} to send something`),
    write: (text) => void stream.write(text),
    close: () => void stream.destroy(),
  };
}

function nextPiece(stream: Duplex, where: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const forget = () => {
      stream.off('readable', look).off('end', look).off('close', look).off('error', broke);
    };
    const settle = (piece: string) => {
      forget();
      resolve(piece);
    };
    const broke = (error: Error) => {
      forget();
      reject(brokenFailure(error, where, 'waiting for it to send something'));
    };
    const look = () => {
      const piece: unknown = stream.read();
      if (typeof piece === 'string') settle(piece);
      else if (stream.errored) broke(stream.errored);
      else if (stream.readableEnded || stream.destroyed) settle('');
    };
    stream.on('readable', look).on('end', look).on('close', look).on('error', broke);
    look();
  });
}
