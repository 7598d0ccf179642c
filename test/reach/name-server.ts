/** A nameserver on this machine's loopback, whose answers a test chooses. */
import { createSocket } from 'node:dgram';
import { type Answer, encodeAnswer } from '../probes/dns-answers.ts';

/** Listens on 127.0.0.1 port 53, UDP only. `answer` may be changed at any time; `undefined` is silence. */
export async function nameServer(first: Answer | undefined) {
  const server = { answer: first, queries: 0, close: () => void socket.close() };
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    server.queries += 1;
    if (server.answer !== undefined) socket.send(encodeAnswer(query, server.answer), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(53, '127.0.0.1', resolve));
  return server;
}
