import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { TlsOptions } from '../../models/primitives.ts';
import type { Connected } from './connect.ts';
import { brokenFailure, codeOf } from './network-words.ts';
import { failure, impossible, type ProbeError } from './probe-error.ts';
import type { Scope } from './scope.ts';

/** Speaks TLS on a connection. `host`: whom the certificate must be for. @throws {ProbeError} */
export async function secure(
  { socket, where }: Connected,
  { insecure = false, ca, serverName: host = '' }: TlsOptions,
  scope: Scope,
): Promise<TLSSocket> {
  const authorities = ca === undefined ? {} : { ca: await readAuthorities(ca) };
  const doing = `negotiating TLS with ${where}`;
  const options: ConnectionOptions = { socket, host, rejectUnauthorized: !insecure, ...authorities };
  const secured = connectTls(isIP(host) === 0 ? { ...options, servername: host } : options);
  const agreed = new Promise<void>((resolve, reject) => {
    secured.once('secureConnect', resolve);
    secured.on('error', (error) => reject(tlsFailure(error, { where, host, doing, secured })));
    secured.once('close', () => reject(failure(`${where} closed the connection while ${doing}`)));
  });
  scope.hold(() => secured.destroy());
  await scope.until(agreed, () => doing);
  return secured;
}

/** @throws {ProbeError} */
async function readAuthorities(ca: string): Promise<string> {
  if (ca.includes('-----BEGIN')) return ca;
  try {
    return await readFile(ca, 'utf8');
  } catch (error) {
    throw impossible(
      `the certificate file ${ca} cannot be read: ${codeOf(error instanceof Error ? error : new Error(String(error)))}`,
      error,
    );
  }
}

interface Handshake {
  readonly where: string;
  readonly host: string;
  readonly doing: string;
  readonly secured: TLSSocket;
}

function tlsFailure(error: Error, { where, host, doing, secured }: Handshake): ProbeError {
  const code = codeOf(error);
  const whose = `the certificate of ${where}`;
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return failure(`${whose} has expired (valid until ${secured.getPeerCertificate().valid_to})`, error);
    case 'CERT_NOT_YET_VALID':
      return failure(
        `${whose} is not valid yet (from ${secured.getPeerCertificate().valid_from}): is the clock right?`,
        error,
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return failure(`${whose} is for another name than ${host}: ${namesIn(secured)}`, error);
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return failure(`${whose} is self-signed`, error);
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return failure(`${whose} is signed by an authority that is not trusted`, error);
    case 'ECONNRESET':
    case 'EPIPE':
      return brokenFailure(error, where, doing);
    default:
      return failure(`${where} did not agree on TLS: ${plain(error)}`, error);
  }
}

function namesIn(secured: TLSSocket): string {
  const { subjectaltname, subject } = secured.getPeerCertificate();
  const names = subjectaltname ?? (subject === undefined ? 'none' : `CN ${subject.CN}`);
  return names.length > 100 ? `${names.slice(0, 99)}…` : names;
}

/** OpenSSL's own word for it: 'wrong version number'. */
function plain(error: Error): string {
  if ('reason' in error && typeof error.reason === 'string') return error.reason;
  return error.message.split('\n', 1)[0]?.trim() ?? error.message;
}
