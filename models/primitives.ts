/** What the primitives of a `Probe` take and return. */
import type { Secret } from './secret.ts';

/**
 * `size`: payload bytes of an echo, 1..65507. @default 56, as ping(8) sends. `whole`: in one packet, never fragmented
 * (DF), up to the MTU of the device. @default false
 */
export interface EchoOptions {
  readonly size?: number;
  readonly whole?: boolean;
}

/** How a TLS server is verified. */
export interface TlsOptions {
  readonly insecure?: boolean | undefined; // accept any certificate. @default false
  readonly ca?: string | undefined; // trusted instead of the usual authorities: PEM text, or an absolute path
  readonly serverName?: string | undefined; // the name the certificate must be for. @default the host
}

/** `tls`: use TLS. @default false */
export interface ConnectOptions {
  readonly tls?: boolean | TlsOptions;
}

/** An open connection. */
export interface Connection {
  readonly address: string; // the literal address of its other end
  readonly rttMs: number; // the TCP handshake: one round trip
  /** The next piece to arrive, as text; `''` at the end. @throws the reason: reset, timed out */
  read(): Promise<string>;
  write(text: string | Uint8Array): void;
  close(): void;
}

/** One HTTP request. `Text`: the type of texts that may be secrets, until those are read. */
export interface FetchOptions<Text = string | Secret> extends Pick<TlsOptions, 'insecure' | 'ca'> {
  readonly method?: string; // @default 'GET'
  readonly headers?: Readonly<Record<string, Text>>;
  readonly body?: string | Uint8Array; // sent with the request; the default method is then 'POST'
  readonly host?: string; // in the Host header and the TLS handshake instead of the URL's
  readonly followRedirects?: boolean; // at most 5. @default false
  readonly wantsBody?: boolean; // read up to 1 MiB of it. @default false
}

/** An HTTP server's answer. */
export interface FetchReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>; // names in lower case
  readonly body: string; // '' unless `wantsBody`
  readonly url: string; // the last one requested
  readonly location: string | undefined; // where it redirects to, as an absolute URL
  readonly rttMs: number; // the TCP handshake: one round trip
}

/** Types of DNS records that can be queried. */
export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT';

/** `server`: a literal address or `'gateway'`; the provider's `nameservers`, if unset. `type` @default 'A' */
export interface DnsQuery {
  readonly server?: string;
  readonly type?: DnsType;
}

/** A DNS server's answer. */
export interface DnsReply {
  readonly code: string; // 'NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED', …
  readonly answers: readonly string[]; // the records of the requested type, in their usual text form
  readonly ttlS: number; // how long they may be cached
  readonly server: string;
  readonly rttMs: number; // from query to answer
}

/** `env`: added to the environment. */
export interface ExecOptions<Text = string | Secret> {
  readonly env?: Readonly<Record<string, Text>>;
}

/** How a program ended. */
export interface ExecOutcome {
  readonly code: number; // exit status; 128 + signal number when a signal ended it
  readonly stdout: string; // its first 64 KiB
  readonly stderr: string;
  readonly tookMs: number;
  readonly killed: boolean; // it did not end by the deadline
}
