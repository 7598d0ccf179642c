import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureCode } from '../../models/test-result.ts';
import { type Client, type ClientOptions, openClient } from '../../src/reach/client.ts';
import { ReachError } from '../../src/reach/reach-error.ts';
import { openDescriptors, openedSince } from '../support/descriptors.ts';
import { loopback } from './loopback.ts';
import { nameServer } from './name-server.ts';

const options: ClientOptions = { family: 4, binding: loopback, nameservers: ['127.0.0.1'] };
const credentials = {
  authorization: 'Bearer s3cret',
  cookie: 'session=1',
  'proxy-authorization': 'Basic eA==',
  'x-api-key': 'k3y',
};

/** What a server was sent. */
interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function answer(response: ServerResponse, url: string, text: string): void {
  const [, status, to = ''] = /^\/(30\d)\/(.*)$/.exec(url) ?? [];
  if (status !== undefined) response.writeHead(Number(status), { location: decodeURIComponent(to) }).end();
  else if (url === '/large') response.end('x'.repeat(100_000));
  else if (url !== '/silent') response.end(text);
}

describe('openClient()', () => {
  const servers: Server[] = [];
  const seen: Seen[] = []; // by any server, in order
  let [one, other] = ['', '']; // origins
  let names: Awaited<ReturnType<typeof nameServer>>;
  const client = openClient(options);

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port; // it listens on TCP
  }

  /** A server that answers with what it got, and redirects from `/302/there` to `there`. */
  async function web(): Promise<string> {
    const server = createHttp(async (request, response) => {
      const { method, url = '', headers } = request;
      let body = '';
      for await (const piece of request) body += piece;
      seen.push({ method, url, headers, body });
      answer(response, url, `${method} ${body}`);
    });
    return `http://127.0.0.1:${await listening(server)}`;
  }
  const leadingTo = (status: number, to: string) => `/${status}/${encodeURIComponent(to)}`;

  before(async () => {
    [one, other] = [await web(), await web()];
    names = await nameServer({ ttl: 1, records: [Buffer.of(127, 0, 0, 1)] });
  });
  after(() => {
    client.close();
    names.close();
    for (const server of servers) server.close();
  });

  async function codeOf(promise: Promise<unknown>): Promise<FailureCode> {
    const error = await promise.then(
      () => assert.fail('it succeeded'),
      (problem: unknown) => problem,
    );
    assert.ok(error instanceof ReachError, String(error));
    return error.failure.code;
  }

  test('request() sends a body, whole, with its length', async () => {
    for (const [sent, method] of [
      [{ body: 'größer' }, 'POST'],
      [{ body: Buffer.from('größer'), method: 'PUT' }, 'PUT'],
      [{ body: 'größer', method: 'GET' }, 'GET'],
    ] as const) {
      const reply = await client.request(`${one}/in`, { ...sent, mostBodyBytes: 1000 });
      assert.equal(reply.body, `${method} größer`);
      assert.equal(seen.at(-1)?.headers['content-length'], '8');
    }
    const large = 'x'.repeat(5_000_000);
    await client.request(`${one}/in`, { body: large });
    assert.equal(seen.at(-1)?.body.length, large.length);
  });

  test('request() reads as much of a body as is asked for', async () => {
    assert.equal((await client.request(`${one}/large`, { mostBodyBytes: 70_000 })).body.length, 70_000);
    assert.equal((await client.request(`${one}/large`, { mostBodyBytes: 1e6 })).body.length, 100_000);
    assert.equal((await client.request(`${one}/large`)).body, '');
  });

  test('request() ends at its own deadline, and says what it waited for', async () => {
    const startedAt = performance.now();
    const silence = client.request(`${one}/silent`, { timeoutMs: 700 });
    await assert.rejects(silence, /^Error: timed out after 700 ms while waiting for the headers of 127/);
    assert.equal(await codeOf(client.request(`${one}/silent`, { timeoutMs: 600 })), 'timeout');
    assert.ok(performance.now() - startedAt < 5000);
    assert.equal((await client.request(`${one}/in`)).status, 200, 'the next call has a deadline of its own');
  });

  test('followRedirects hands no credentials to another server', async () => {
    const url = `${one}${leadingTo(302, `${other}/there`)}`;
    await client.request(url, { followRedirects: true, headers: { ...credentials, accept: 'text/plain' } });
    const [first, second] = seen.slice(-2);
    for (const [name, value] of Object.entries(credentials)) {
      assert.equal(first?.headers[name], value);
      assert.equal(second?.headers[name], undefined, name);
    }
    assert.equal(second?.url, '/there');
    assert.equal(second?.headers.accept, 'text/plain');
  });

  test('followRedirects hands no credentials of the URL to another server, nor back after a detour', async () => {
    const back = `${other}${leadingTo(302, `${one}/back`)}`;
    const url = `${one}${leadingTo(302, back)}`.replace('://', '://user:password@');
    await client.request(url, { followRedirects: true, headers: { cookie: 'session=1' } });
    const [first, second, third] = seen.slice(-3).map(({ headers }) => headers);
    assert.equal(first?.authorization, `Basic ${btoa('user:password')}`);
    for (const later of [second, third])
      assert.deepEqual([later?.authorization, later?.cookie], [undefined, undefined]);
  });

  test('followRedirects keeps credentials at one server', async () => {
    const url = `${one}${leadingTo(302, '/there')}`.replace('://', '://user:password@');
    await client.request(url, { followRedirects: true, headers: { cookie: 'session=1' } });
    const last = seen.at(-1);
    assert.equal(last?.url, '/there');
    assert.equal(last?.headers.authorization, `Basic ${btoa('user:password')}`);
    assert.equal(last?.headers.cookie, 'session=1');
  });

  test('followRedirects posts again after 307, and asks after 303', async () => {
    for (const [status, expected] of [
      [307, 'POST x'],
      [303, 'GET '],
    ] as const) {
      const url = `${one}${leadingTo(status, '/there')}`;
      const reply = await client.request(url, { followRedirects: true, body: 'x', mostBodyBytes: 100 });
      assert.equal(reply.body, expected);
    }
  });

  test('names are resolved by the nameservers of the path, and stay of use when these are dead', async () => {
    const { port } = new URL(one);
    assert.deepEqual(await client.resolve('web.test'), ['127.0.0.1']);
    await sleep(1050); // its time to live is 1 s
    names.answer = undefined;
    assert.equal((await client.request(`http://web.test:${port}/in`, { timeoutMs: 1000 })).status, 200);
    const strict = openClient({ ...options, staleMs: 0 });
    assert.equal(await codeOf(strict.resolve('web.test', { timeoutMs: 100 })), 'dns');
    names.answer = { ttl: 60, records: [Buffer.of(127, 0, 0, 1)] };
    assert.deepEqual((await client.query('web.test')).answers, ['127.0.0.1']);
  });

  test('connect() gives a stream that outlives its deadline, and close() ends it', async () => {
    const port = await listening(
      createTcp((socket) => void socket.on('error', () => undefined).pipe(socket)),
    );
    const own = openClient(options);
    const { stream } = await own.connect('127.0.0.1', port, { timeoutMs: 700 });
    await sleep(800);
    stream.write('hello');
    assert.equal(String(await once(stream, 'data')), 'hello');
    own.close();
    if (!stream.closed) await once(stream, 'close');
    assert.equal(stream.destroyed, true);
  });

  test('says what went wrong as data', async () => {
    const closed = createTcp();
    const port = await listening(closed);
    closed.close();
    await once(closed, 'close');
    assert.equal(await codeOf(client.connect('127.0.0.1', port)), 'refused');
    assert.equal(await codeOf(client.connect('::1', port)), 'not-run');
    assert.equal(await codeOf(client.request('ftp://127.0.0.1/')), 'not-run');
    const gone = openClient({ ...options, binding: { ...loopback, interfaceName: 'eth9' } });
    assert.equal(await codeOf(gone.request(one)), 'not-run');
  });

  test('close() ends what is under way', async () => {
    const own = openClient(options);
    const waiting = own.request(`${one}/silent`);
    await sleep(50);
    own.close();
    await assert.rejects(waiting, /it was abandoned before its end/);
  });

  test('close() before anything is opened: nothing is opened any more, and nothing counted', async () => {
    const before = openDescriptors();
    const spent: number[] = [];
    const spend = (bytes: number) => void spent.push(bytes);
    const { port } = new URL(one);
    for (const begin of [
      (own: Client) => own.query('web.test'),
      (own: Client) => own.resolve('web.test'),
      (own: Client) => own.request(`http://web.test:${port}/in`),
      (own: Client) => own.connect('127.0.0.1', Number(port)),
      (own: Client) => own.connect('127.0.0.1', Number(port), { tls: true }),
    ]) {
      const own = openClient({ ...options, spend });
      const begun = begin(own);
      own.close();
      await assert.rejects(begun, /it was abandoned before its end/, begin.toString());
    }
    assert.deepEqual(openedSince(before), []);
    assert.deepEqual(spent, []);
  });
});
