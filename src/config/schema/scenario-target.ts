/** The forms in which targets of scenarios are written. */
import { isAbsolute } from 'node:path';
import { isHostName, type ParseResult, readTarget } from '../values/address.ts';

/** Reads `'host:port'`; an IPv6 address must be in brackets. */
export function readHostAndPort(text: string): ParseResult<string> {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const rule = "must be a host and a port from 1 to 65535, such as 'example.com:443' or '[2001:db8::1]:22'";
  if (!(port >= 1 && port <= 65_535)) return { rule };
  const host = readTarget(bracketed ?? plain ?? '');
  if ('rule' in host) return { rule: `${rule}; the host ${host.rule}` };
  return { value: host.value.includes(':') ? `[${host.value}]:${port}` : `${host.value}:${port}` };
}

/** Splits what `readHostAndPort` returned. */
export function hostAndPort(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** Reads an http or https URL. */
export function readUrl(text: string): ParseResult<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return { rule: "must be a URL such as 'http://example.com/' or 'https://gateway:8443/status'" };
  const host = readTarget(url.hostname.replace(/^\[|\]$/g, ''));
  return 'rule' in host
    ? { rule: `must be a URL whose host ${host.rule.replace(/^must be/, 'is')}` }
    : { value: text };
}

/** Reads the name in a DNS question, which may be a single label. */
export function readQuestion(text: string): ParseResult<string> {
  if (isHostName(text) || isHostName(`${text}.x`)) return { value: text.toLowerCase().replace(/\.$/, '') };
  return { rule: "must be a name such as 'example.com'" };
}

/** Reads certificates: PEM text, or the path of a PEM file. */
export function readAuthorities(text: string): ParseResult<string> {
  if (text.includes('-----BEGIN CERTIFICATE-----') || isAbsolute(text)) return { value: text };
  return {
    rule: "must be certificates in PEM form, or the absolute path of a file, such as '/etc/ssl/our-ca.pem'",
  };
}

/** Reads text that goes into an HTTP header or request line. */
export function readToken(what: string, example: string): (text: string) => ParseResult<string> {
  return (text) =>
    /^[\w!#$%&'*+.^`|~:[\]-]+$/.test(text)
      ? { value: text }
      : { rule: `must be ${what} such as '${example}'` };
}

/** Reads a program's path or name. */
export function readWord(text: string): ParseResult<string> {
  return text.includes('\0') ? { rule: 'must not contain a NUL character' } : { value: text };
}
