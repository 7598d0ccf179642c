import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { TlsOptions } from '../../../models/primitives.ts';
import { failure, impossible, type ReachError } from '../reach-error.ts';
import type { Scope } from '../scope.ts';
import type { Connected } from './connect.ts';
import { brokenFailure, codeOf } from './connect-errors.ts';

/** How to verify a server's certificate, with everything for that loaded. */
export interface Trust {
  readonly insecure: boolean;
  readonly context: SecureContext; // the trusted authorities
  readonly host: string; // the name that the certificate must be for
}

/** Prepares `startTls` before connecting: once connected, the server may send at any time. @throws {ReachError} */
export async function loadTrust({ insecure = false, ca, serverName = '' }: TlsOptions): Promise<Trust> {
  return { insecure, host: serverName, context: await contextOf(ca) };
}

/** Speaks TLS on a connection. @throws {ReachError} */
export async function startTls(
  { socket, where }: Connected,
  { insecure, context, host }: Trust,
  scope: Scope,
): Promise<TLSSocket> {
  const doing = `negotiating TLS with ${where}`;
  const options: ConnectionOptions = { socket, host, rejectUnauthorized: !insecure, secureContext: context };
  const secured = connectTls(isIP(host) === 0 ? { ...options, servername: host } : options);
  scope.hold(() => secured.destroy()); // first: if it throws, nothing would handle `agreed`
  const agreed = new Promise<void>((resolve, reject) => {
    secured.once('secureConnect', resolve);
    secured.on('error', (error) => reject(tlsFailure(error, { where, host, doing })));
    secured.once('close', () => reject(failure('refused', `${where} closed the connection while ${doing}`)));
  });
  await scope.until(agreed, () => doing);
  return secured;
}

/** @throws {ReachError} */
async function contextOf(ca: string | undefined): Promise<SecureContext> {
  if (ca === undefined) return createSecureContext();
  const authorities = await readAuthorities(ca);
  try {
    new X509Certificate(authorities); // throws where Node 20 would silently trust no authority
    return createSecureContext({ ca: authorities });
  } catch (error) {
    const place = authorities === ca ? 'given as ca' : `in ${ca}`;
    throw impossible(`the certificates ${place} cannot be used: ${plain(asError(error))}`, error);
  }
}

/** @throws {ReachError} */
async function readAuthorities(ca: string): Promise<string> {
  if (ca.includes('-----BEGIN')) return ca;
  try {
    return await readFile(ca, 'utf8');
  } catch (error) {
    throw impossible(`the certificate file ${ca} cannot be read: ${codeOf(asError(error))}`, error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

interface Handshake {
  readonly where: string;
  readonly host: string;
  readonly doing: string;
}

function tlsFailure(error: Error, { where, host, doing }: Handshake): ReachError {
  const code = codeOf(error);
  const whose = `the certificate of ${where}`;
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return failure('tls', `${whose} has expired`, error);
    case 'CERT_NOT_YET_VALID':
      return failure('tls', `${whose} is not valid yet: is the clock of this machine right?`, error);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return failure('tls', `${whose} is for another name than ${host}: ${namesIn(error)}`, error);
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return failure('tls', `${whose} is self-signed`, error);
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return failure('tls', `${whose} is signed by an authority that is not trusted`, error);
    case 'ECONNRESET':
    case 'EPIPE':
      return brokenFailure(error, where, doing);
    default:
      return failure('tls', `${where} did not agree on TLS: ${plain(error)}`, error);
  }
}

/** The names in a certificate that Node refused. */
function namesIn(error: Error): string {
  const cert = 'cert' in error ? Object(error.cert) : {};
  const names = String(cert.subjectaltname ?? `CN=${cert.subject?.CN}`);
  return names.length > 100 ? `${names.slice(0, 99)}…` : names;
}

/** OpenSSL's own reason: 'wrong version number'. */
function plain(error: Error): string {
  if ('reason' in error && typeof error.reason === 'string') return error.reason;
  return error.message.split('\n', 1)[0]?.trim() ?? error.message;
}
