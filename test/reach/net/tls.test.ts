import '../../support/own-network.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NameCache } from '../../../src/reach/dns/name-cache.ts';
import { connect } from '../../../src/reach/net/connect.ts';
import { loadTrust, startTls } from '../../../src/reach/net/tls.ts';
import { Scope } from '../../../src/reach/scope.ts';
import { loopback } from '../loopback.ts';

test('startTls() after the end of its scope is rejected, and leaves no rejection behind', async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const scope = new Scope(5000, () => performance.now());
  const context = {
    family: 4,
    binding: loopback,
    nameservers: [],
    names: new NameCache(),
    spend: () => undefined,
    scope,
  } as const;
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const connected = await connect(context, '127.0.0.1', port);
  const trust = await loadTrust({});
  scope.end();
  await assert.rejects(startTls(connected, trust, scope), /it was abandoned before its end/);
  await nextTurn(); // an unhandled rejection, which fails this test, is reported by then
  await nextTurn();
});
