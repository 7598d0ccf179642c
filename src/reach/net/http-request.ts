/** HTTP requests, and how they change with a redirect. */
import type { FetchOptions } from '../../../models/primitives.ts';

/** What a request is made of. */
export interface HttpRequest extends Omit<FetchOptions<string>, 'wantsBody'> {
  readonly mostBodyBytes?: number; // how much of the answer's body is read. @default 0
}

/** Headers about what is requested and in which form. Any other may be a credential, whatever its name. */
const harmless = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-language',
  'content-type',
  'pragma',
  'range',
  'user-agent',
]);

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where an answer redirects to, as an absolute URL; `undefined` if it does not. */
export function redirectTarget(status: number, location: string | undefined, from: URL): URL | undefined {
  if (location === undefined || !statuses.has(status) || !URL.canParse(location, from.href)) return undefined;
  return new URL(location, from);
}

/**
 * The request for the target of a redirect. Another origin (scheme, host or port) gets no credentials, just as those in
 * a URL are never sent elsewhere. A posted form is not posted again unless the status requires it (RFC 9110 15.4).
 */
export function redirected(request: HttpRequest, status: number, from: URL, to: URL): HttpRequest {
  const { host: _, ...same } = request; // the first server's name does not apply to the next
  const headers = to.origin === from.origin ? same.headers : withoutCredentials(same.headers ?? {});
  const next: HttpRequest = headers === undefined ? same : { ...same, headers };
  return isReposted(next, status) ? next : asGet(next);
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())));
}

function isReposted({ method, body }: HttpRequest, status: number): boolean {
  if (status === 307 || status === 308) return true;
  if (status === 303) return method === 'HEAD';
  return (method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase() !== 'POST';
}

function asGet({ method: _method, body: _body, headers = {}, ...rest }: HttpRequest): HttpRequest {
  const about = Object.entries(headers).filter(([name]) => !/^content-/i.test(name));
  return { ...rest, headers: Object.fromEntries(about) };
}
