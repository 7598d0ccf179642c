import type { Duplex } from 'node:stream';
import type { Connection, ConnectOptions } from '../../../models/primitives.ts';
import type { ReachContext } from '../reach-context.ts';
import { connect } from './connect.ts';
import { brokenFailure } from './connect-errors.ts';
import { loadTrust, startTls, type Trust } from './tls.ts';

/** A TCP connection through the provider, with TLS if wished. @throws {ReachError} */
export async function openConnection(
  ground: ReachContext,
  { host, port }: { host: string; port: number },
  { tls = false }: ConnectOptions,
): Promise<Connection> {
  const trust = tls === false ? undefined : await loadTrust(tls === true ? {} : tls);
  const connected = await connect(ground, host, port);
  const { address, where, rttMs, socket } = connected;
  const named = (given: Trust) => ({ ...given, host: given.host || (host === 'gateway' ? address : host) });
  const stream = trust === undefined ? socket : await startTls(connected, named(trust), ground.scope);
  stream.setEncoding('utf8');
  return {
    address,
    rttMs,
    read: () => ground.scope.until(nextPiece(stream, where), () => `waiting for ${where} to send something`),
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
