/**
 * Both ends of TCP streams, as a program.
 *
 * `stream-ends.ts serve ADDRESS…`: answers every byte with the address it came from, so that the other end knows its way.
 * `stream-ends.ts call`: opens what its input asks for, `{ "id": "a", "to": "198.51.100.1", "everyMs": 50, "again": true }`
 * or `{ "end": "a" }`, and answers `{ "report": true }` with what became of every stream.
 */
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type Stream, type StreamOrder, streamPort } from './streams.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function serve(addresses: readonly string[]): void {
  let waiting = addresses.length;
  for (const address of addresses) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined); // the other end tells what became of it
      socket.on('data', (bytes) => socket.write(`${socket.remoteAddress}\n`.repeat(bytes.length)));
    });
    server.listen({ host: address, port: streamPort, backlog: 4000 }, () => {
      waiting -= 1;
      if (waiting === 0) process.stdout.write('ready\n');
    });
  }
}

const streams: Writable<Stream>[] = [];
const sockets = new Map<string, Socket>();

function open(order: StreamOrder): void {
  const { id, to, port = streamPort, everyMs, again = false, once = false, from } = order;
  const stream: Writable<Stream> = {
    id,
    startedAt: Date.now(),
    via: undefined,
    answers: 0,
    answeredAt: 0,
    ended: undefined,
  };
  streams.push(stream);
  const socket = connect({ host: to, port, ...(from && { localAddress: from }) });
  sockets.set(id, socket);
  socket.setNoDelay(true);
  const send = (): unknown => socket.write('x');
  let beat: NodeJS.Timeout | undefined;
  socket.on('connect', () => {
    send();
    if (everyMs > 0) beat = setInterval(send, everyMs);
  });
  socket.on('data', (bytes) => {
    const [, via] = /^([0-9a-f.:]+)\n/m.exec(bytes.toString()) ?? [];
    stream.via ??= via;
    stream.answers += 1;
    stream.answeredAt = Date.now();
    if (once) socket.destroy();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    stream.ended = error.code ?? error.message;
  });
  socket.on('close', () => {
    clearInterval(beat);
    stream.ended ??= 'closed';
    if (again && sockets.get(id) === socket) open(order);
  });
}

function call(): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const order: { end?: string; report?: true } & StreamOrder = JSON.parse(line);
    if (order.report) process.stdout.write(`${JSON.stringify(streams)}\n`);
    else if (order.end === undefined) open(order);
    else {
      const socket = sockets.get(order.end);
      sockets.delete(order.end);
      socket?.destroy();
    }
  });
  process.stdout.write('[]\n');
}

const [what, ...addresses] = process.argv.slice(2);
if (what === 'serve') serve(addresses);
if (what === 'call') call();
