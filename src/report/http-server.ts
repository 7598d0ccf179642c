/** A small HTTP server: one answer a connection, and clients that cannot cost the daemon anything. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../../models/message-of.ts';
import { controlFormat, formatHeader } from './control-format.ts';

/** HTTP status and the body, sent as JSON; as it is, if its type is given. */
export type Reply =
  | readonly [status: number, body: unknown]
  | readonly [status: number, body: string, type: string];

/** Answers a request. What it throws goes to the client. */
export type Answer = (request: IncomingMessage) => Reply | Promise<Reply>;

/** `idleMs`: how long a connection may be silent, or an answer take. */
export interface HttpLimits {
  readonly idleMs: number;
  readonly connections: number; // at a time
}

/** A server that does not listen yet. */
export function createHttpServer(answer: Answer, { idleMs, connections }: HttpLimits): Server {
  const server = createServer(limits, (request, response) => void respond(request, response, answer));
  server.maxConnections = connections;
  server.maxRequestsPerSocket = 1;
  server.setTimeout(idleMs);
  return server;
}

/** Ends every connection. Never rejects. */
export function closeHttpServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()); // an error here means that it is already closed
    server.closeAllConnections();
  });
}

/** A client that may connect is trusted, but a slow or broken one must not cost the daemon anything. */
const limits = {
  maxHeaderSize: 4096,
  headersTimeout: 2000,
  requestTimeout: 3000,
  keepAliveTimeout: 1,
  connectionsCheckingInterval: 1000,
};

const json = 'application/json';

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  request.on('error', () => undefined); // the client went away: no reply is needed
  response.on('error', () => undefined); // the same
  const [status, text, type] = await answered(request, answer);
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    [formatHeader]: controlFormat,
    connection: 'close',
  });
  response.end(text);
}

async function answered(
  request: IncomingMessage,
  answer: Answer,
): Promise<[status: number, text: string, type: string]> {
  try {
    const reply = await answer(request);
    if (reply.length === 3) return [...reply];
    return [reply[0], JSON.stringify(reply[1]), json];
  } catch (error) {
    return [500, JSON.stringify({ problem: `the daemon failed to answer: ${messageOf(error)}` }), json];
  }
}
