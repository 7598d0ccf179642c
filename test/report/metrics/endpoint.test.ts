import '../../support/own-network.ts';
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { afterEach, test } from 'node:test';
import { type Endpoint, type EndpointParts, openEndpoint } from '../../../src/report/metrics/endpoint.ts';
import { until } from '../../support/until.ts';

const open: Endpoint[] = [];
afterEach(async () => {
  for (const endpoint of open.splice(0)) await endpoint.close();
});

const listen = '127.0.0.1:9469';

/** An endpoint that answers with the formats it was asked for, and what it had trouble with. */
function endpoint(parts: Partial<EndpointParts> = {}): string[] {
  const troubles: string[] = [];
  open.push(
    openEndpoint({
      listen,
      allow: undefined,
      render: async (accept) => ({ contentType: 'text/plain', text: `asked for ${accept}` }),
      trouble: (sentence) => troubles.push(sentence),
      retryMs: 50,
      ...parts,
    }),
  );
  return troubles;
}

/** The status and body of an answer; undefined while nobody answers. */
async function get(path: string, at = listen): Promise<[number, string] | undefined> {
  const response = await fetch(`http://${at}${path}`, { headers: { accept: 'x/y' } }).catch(() => undefined);
  return response && [response.status, await response.text()];
}

test('openEndpoint() answers /metrics and nothing else', async () => {
  endpoint();
  assert.deepEqual(await until(() => get('/metrics'), 'an answer'), [200, 'asked for x/y']);
  assert.equal((await get('/'))?.[0], 404);
  assert.equal((await fetch(`http://${listen}/metrics`, { method: 'POST' })).status, 405);
});

test('openEndpoint() answers over IPv6, and only whom it is to answer', async () => {
  endpoint({ listen: '[::1]:9469', allow: ['fd00::/8', '192.168.1.0/24'] });
  assert.equal((await until(() => get('/metrics', '[::1]:9469'), 'an answer'))[0], 403);
  endpoint({ allow: ['127.0.0.0/8'] });
  assert.equal((await until(() => get('/metrics'), 'an answer'))[0], 200);
});

test('openEndpoint() says once that its port is taken, and answers once it is free', async () => {
  const other = createServer().listen(9469, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const troubles = endpoint();
  await until(() => troubles.length > 0, 'trouble');
  assert.deepEqual(troubles, [
    'metrics cannot be read at 127.0.0.1:9469: another program listens there; stop it, or choose another port (metrics.listen)',
  ]);
  await new Promise((resolve) => other.close(resolve));
  assert.equal((await until(() => get('/metrics'), 'an answer'))[0], 200);
  assert.equal(troubles.length, 1);
});
