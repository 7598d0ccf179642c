/** The servers of a far side, and the program that runs them there: `far-side.ts NAME`. It prints `ready` when all listen. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Socket } from 'node:net';
import { dnsAnswer } from './dns-answers.ts';

const name = process.argv[2] ?? 'far';
const read = (file: string) => readFileSync(new URL(`certificates/${file}`, import.meta.url));
const listening: Promise<unknown>[] = [];

const pages: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/': (_request, response) => response.end(`hello from ${name}`),
  '/204': (_request, response) => response.writeHead(204).end(),
  '/500': (_request, response) => response.writeHead(500).end('broken'),
  '/511': (_request, response) => response.writeHead(511).end('log in'),
  '/login': (_request, response) =>
    response.writeHead(302, { location: 'http://login.portal.test/?from=x' }).end(),
  '/same': (_request, response) => response.writeHead(301, { location: '/' }).end(),
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/silent': () => undefined,
  '/half': (_request, response) =>
    void response.writeHead(200, { 'content-length': 100 }).write('only a part'),
  '/hangup': (request) => request.socket.destroy(),
  '/reset': (request) => request.socket.resetAndDestroy(),
  '/echo': (request, response) =>
    response.end(JSON.stringify({ method: request.method, headers: request.headers })),
};

function web(request: IncomingMessage, response: ServerResponse): void {
  const page = pages[request.url ?? ''];
  if (page === undefined) response.writeHead(404).end();
  else page(request, response);
}

function tcp(port: number, serve: (socket: Socket) => void): void {
  const server = createTcp((socket) => {
    socket.on('error', () => socket.destroy()); // the other side went away
    serve(socket);
  });
  listening.push(new Promise<void>((resolve) => server.listen(port, '::', resolve)));
}

for (const [port, certificate] of [
  [443, 'good.pem'],
  [8443, 'expired.pem'],
  [8444, 'other.pem'],
  [8445, 'self-signed.pem'],
  [8446, 'not-yet-valid.pem'],
] as const) {
  const server = createHttps({ key: read('server.key'), cert: read(certificate) }, web);
  listening.push(new Promise<void>((resolve) => server.listen(port, '::', resolve)));
}
for (const port of [80, 9999]) {
  const server = createHttp(web);
  listening.push(new Promise<void>((resolve) => server.listen(port, '::', resolve)));
}
tcp(22, (socket) => void socket.write(`SSH-2.0-${name}\r\n`));
tcp(23, () => undefined);
tcp(24, (socket) => socket.destroy());
tcp(25, (socket) => socket.resetAndDestroy());
tcp(26, (socket) => void socket.end('no HTTP at all\r\n\r\n'));
tcp(53, (socket) =>
  socket.on('data', (bytes) => {
    const answer = dnsAnswer(bytes.subarray(2), { name, overTcp: true });
    if (answer === undefined) return;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(answer.length);
    socket.write(length);
    socket.write(answer);
  }),
);
const datagrams = createSocket('udp6');
datagrams.on('message', (bytes, from) => {
  const answer = dnsAnswer(bytes, { name, overTcp: false });
  if (answer !== undefined) datagrams.send(answer, from.port, from.address);
});
listening.push(new Promise<void>((resolve) => datagrams.bind(53, '::', resolve)));

await Promise.all(listening);
console.log('ready');
