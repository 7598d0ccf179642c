import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FetchReply } from '../../../models/primitives.ts';
import type { ReachContext } from '../reach-context.ts';
import { failure, impossible, type ReachError } from '../reach-error.ts';
import type { Scope } from '../scope.ts';
import { connect } from './connect.ts';
import { brokenFailure, codeOf } from './connect-errors.ts';
import { type HttpRequest, redirected, redirectTarget } from './http-request.ts';
import { loadTrust, startTls } from './tls.ts';

const mostRedirects = 5;

/** One HTTP request through the path, following redirects if asked to. @throws {ReachError} */
export async function requestThrough(
  context: ReachContext,
  url: string,
  request: HttpRequest,
): Promise<FetchReply> {
  let current = urlOf(url);
  let sent = request;
  for (let followed = 0; ; followed += 1) {
    const reply = await requestOnce(context, current, sent);
    if (!request.followRedirects || reply.location === undefined) return reply;
    if (followed === mostRedirects)
      throw failure('wrong-answer', `${withoutSecrets(url)} redirects more than ${mostRedirects} times`);
    const next = urlOf(reply.location);
    sent = redirected(sent, reply.status, current, next);
    current = next;
  }
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw impossible(`"${text}" is not an http or https URL`);
}

async function requestOnce(
  context: ReachContext,
  url: URL,
  { mostBodyBytes = 0, ...options }: HttpRequest,
): Promise<FetchReply> {
  const isSecure = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const trust = isSecure
    ? await loadTrust({ ...options, serverName: options.host?.replace(/:\d+$/, '') })
    : undefined;
  const connected = await connect(context, hostname, Number(url.port) || (isSecure ? 443 : 80));
  const name = trust?.host || (hostname === 'gateway' ? connected.address : hostname);
  const stream =
    trust === undefined
      ? connected.socket
      : await startTls(connected, { ...trust, host: name }, context.scope);
  const host = options.host ?? (hostname === 'gateway' ? authority(connected.address, url.port) : url.host);
  const request = requestOn(stream, url, { ...options, host });
  const answered = headersOf(request, connected.where, context.scope);
  request.end(options.body);
  const answer = await answered;
  const reading = { where: connected.where, mostBodyBytes };
  const body = mostBodyBytes > 0 ? await bodyOf(answer, reading, context.scope) : '';
  answer.destroy();
  return { ...summary(answer, url), body, rttMs: connected.rttMs };
}

function authority(address: string, port: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === '' ? host : `${host}:${port}`;
}

function requestOn(stream: Duplex, url: URL, options: HttpRequest & { host: string }): ClientRequest {
  const { body, method = body === undefined ? 'GET' : 'POST' } = options;
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return requestHttp({
    createConnection: () => stream,
    method,
    path: `${url.pathname}${url.search}`,
    headers: {
      'user-agent': 'failover',
      accept: '*/*',
      ...options.headers,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      host: options.host,
    },
    ...(credentials === ':' ? {} : { auth: credentials }),
  });
}

function headersOf(request: ClientRequest, where: string, scope: Scope): Promise<IncomingMessage> {
  const doing = `waiting for the headers of ${where}`;
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', (error) => reject(httpFailure(error, where, doing)));
  });
  return scope.until(answer, () => doing);
}

function bodyOf(
  answer: IncomingMessage,
  { where, mostBodyBytes }: { where: string; mostBodyBytes: number },
  scope: Scope,
): Promise<string> {
  const doing = `reading the body from ${where}`;
  const pieces: Buffer[] = [];
  let bytes = 0;
  const whole = new Promise<string>((resolve, reject) => {
    const end = () => resolve(Buffer.concat(pieces).subarray(0, mostBodyBytes).toString('utf8'));
    answer.on('error', (error) => reject(brokenFailure(error, where, doing)));
    answer.once('end', end);
    answer.on('data', (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= mostBodyBytes) end(); // enough to judge by
    });
  });
  return scope.until(whole, () => doing);
}

function httpFailure(error: Error, where: string, doing: string): ReachError {
  const code = codeOf(error);
  if (code.startsWith('HPE_'))
    return failure('wrong-answer', `${where} did not answer in HTTP: ${error.message}`, error);
  if (error.message === 'socket hang up')
    return failure('refused', `${where} closed the connection while ${doing}`, error);
  return brokenFailure(error, where, doing);
}

function summary(answer: IncomingMessage, url: URL): Omit<FetchReply, 'body' | 'rttMs'> {
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
  const status = answer.statusCode ?? 0; // always set in an answer
  const location = redirectTarget(status, headers['location'], url)?.href;
  return { status, headers, url: url.href, location };
}

/** Reasons end up in journals: no user, no password. */
function withoutSecrets(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/?#]*@/, '$1');
}
