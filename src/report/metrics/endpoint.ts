/** The HTTP server that answers `/metrics` over TCP: the only one that a network can reach. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { type Listen, splitListen } from '../../../models/listen.ts';
import { messageOf } from '../../../models/message-of.ts';
import type { Text } from '../control.ts';
import { closeHttpServer, createHttpServer, type Reply } from '../http-server.ts';

/** What an endpoint does. */
export interface EndpointParts {
  readonly listen: string; // '127.0.0.1:9469'
  readonly allow: readonly string[] | undefined; // CIDR blocks; undefined: all
  render(accept: string | undefined): Promise<Text>;
  /** Called once for each obstacle: it goes on trying. */
  trouble(sentence: string): void;
  readonly retryMs?: number; // an address may come later, and a port become free. @default 10 s
}

/** An open endpoint. */
export interface Endpoint {
  close(): Promise<void>;
}

/** Listens, or tries again every ten seconds. It keeps no process alive. */
export function openEndpoint({ listen, allow, render, trouble, retryMs = 10_000 }: EndpointParts): Endpoint {
  const at = splitListen(listen);
  if (at === undefined) throw new Error(`"${listen}" is not an address with a port`);
  const admits = admission(allow);
  const server = createHttpServer((request) => answer(request, admits, render), {
    idleMs: 10_000,
    connections: 8,
  });
  let timer: NodeJS.Timeout | undefined;
  let said = '';
  const begin = (): void => void server.listen({ ...toListen(at), exclusive: true });
  server.on('error', (error) => {
    const sentence = `metrics cannot be read at ${listen}: ${obstacle(error)}`;
    if (sentence !== said) trouble(sentence);
    said = sentence;
    timer = setTimeout(begin, retryMs).unref();
  });
  begin();
  server.unref();
  return {
    close: () => {
      clearTimeout(timer);
      return closeHttpServer(server);
    },
  };
}

function toListen({ host, port }: Listen): { host: string; port: number; ipv6Only: boolean } {
  return { host, port, ipv6Only: isIPv6(host) && host !== '::' };
}

async function answer(
  { method, url, headers, socket }: IncomingMessage,
  admits: (address: string) => boolean,
  render: EndpointParts['render'],
): Promise<Reply> {
  if (!admits(socket.remoteAddress ?? '')) return [403, { problem: 'your address is not in metrics.allow' }];
  if (method !== 'GET') return [405, { problem: `only GET is answered, not ${method}` }];
  if (url !== '/metrics') return [404, { problem: 'only /metrics is answered' }];
  const { text, contentType } = await render(headers.accept);
  return [200, text, contentType];
}

/** Whether a client's address is in one of the networks. */
function admission(allow: readonly string[] | undefined): (address: string) => boolean {
  if (allow === undefined) return () => true;
  const list = new BlockList();
  for (const network of allow) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}

function obstacle(error: Error & { readonly code?: string }): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program listens there; stop it, or choose another port (metrics.listen)';
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address; it is tried again';
    case 'EACCES':
      return 'ports under 1024 need more rights; choose another (metrics.listen)';
    default:
      return messageOf(error);
  }
}
