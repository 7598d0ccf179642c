import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FetchOptions, FetchReply } from '../../../models/primitives.ts';
import type { ReachContext } from '../reach-context.ts';
import { failure, impossible, type ReachError } from '../reach-error.ts';
import type { Scope } from '../scope.ts';
import { type Connected, connect } from './connect.ts';
import { brokenFailure, codeOf } from './connect-errors.ts';
import { loadTrust, startTls } from './tls.ts';

const mostRedirects = 5;
const mostBodyBytes = 1 << 20;
const redirects = new Set([301, 302, 303, 307, 308]);

/** One HTTP request through the provider, and those it is redirected to if wished. @throws {ReachError} */
export async function fetchThrough(
  ground: ReachContext,
  url: string,
  options: FetchOptions,
): Promise<FetchReply> {
  let reply = await fetchOnce(ground, urlOf(url), options);
  for (let followed = 0; options.followRedirects && reply.location !== undefined; followed += 1) {
    if (followed === mostRedirects)
      throw failure('wrong-answer', `${url} redirects more than ${mostRedirects} times`);
    const { host, ...same } = options; // the name of the first server is not that of the next
    reply = await fetchOnce(ground, urlOf(reply.location), same);
  }
  return reply;
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw impossible(`"${text}" is not an http or https URL`);
}

async function fetchOnce(ground: ReachContext, url: URL, options: FetchOptions): Promise<FetchReply> {
  const isSecure = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const trust = isSecure
    ? await loadTrust({ ...options, serverName: options.host?.replace(/:\d+$/, '') })
    : undefined;
  const connected = await connect(ground, hostname, Number(url.port) || (isSecure ? 443 : 80));
  const name = trust?.host || (hostname === 'gateway' ? connected.address : hostname);
  const stream =
    trust === undefined
      ? connected.socket
      : await startTls(connected, { ...trust, host: name }, ground.scope);
  const host = options.host ?? (hostname === 'gateway' ? authority(connected.address, url.port) : url.host);
  const request = requestOn(stream, url, { ...options, host });
  const answer = await headersOf(request, connected, ground.scope);
  const body = options.wantsBody ? await bodyOf(answer, connected, ground.scope) : '';
  answer.destroy();
  return { ...summary(answer, url), body, rttMs: connected.rttMs };
}

function authority(address: string, port: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === '' ? host : `${host}:${port}`;
}

function requestOn(stream: Duplex, url: URL, options: FetchOptions & { host: string }): ClientRequest {
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return requestHttp({
    createConnection: () => stream,
    method: options.method ?? 'GET',
    path: `${url.pathname}${url.search}`,
    headers: { 'user-agent': 'failover', accept: '*/*', ...options.headers, host: options.host },
    ...(credentials === ':' ? {} : { auth: credentials }),
  });
}

function headersOf(request: ClientRequest, { where }: Connected, scope: Scope): Promise<IncomingMessage> {
  const doing = `waiting for the headers of ${where}`;
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', (error) => reject(httpFailure(error, where, doing)));
    request.end();
  });
  return scope.until(answer, () => doing);
}

function bodyOf(answer: IncomingMessage, { where }: Connected, scope: Scope): Promise<string> {
  const doing = `reading the body from ${where}`;
  let body = '';
  let bytes = 0;
  answer.setEncoding('utf8');
  const whole = new Promise<string>((resolve, reject) => {
    answer.on('error', (error) => reject(brokenFailure(error, where, doing)));
    answer.once('end', () => resolve(body));
    answer.on('data', (piece: string) => {
      body += piece;
      bytes += Buffer.byteLength(piece);
      if (bytes >= mostBodyBytes) resolve(body); // enough to judge by
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
  const status = answer.statusCode ?? 0; // always there in an answer
  const to = headers['location'];
  const leads = redirects.has(status) && to !== undefined && URL.canParse(to, url.href);
  return { status, headers, url: url.href, location: leads ? new URL(to, url).href : undefined };
}
