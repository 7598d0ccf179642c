import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { http } from '../../models/config.ts';
import { runPaths } from '../../src/commands/test.ts';
import { chooseEcho } from '../../src/probes/echo/choose-echo.ts';
import { exampleConfig, exampleProvider, exampleState } from '../core/example.ts';
import { openSockets } from '../support/descriptors.ts';
import { until } from '../support/until.ts';

const checkTimeoutMs = 500;
let connections = 0;
const silent = createServer((socket) => {
  connections += 1;
  socket.resume().on('error', () => undefined);
  socket.on('close', () => (connections -= 1));
}).listen(0, '127.0.0.1');
await once(silent, 'listening');
after(() => silent.close());
const { port } = silent.address() as AddressInfo; // it listens on TCP

test('runPaths() leaves nothing open and nothing running when a path makes it throw', async () => {
  const config = exampleConfig({
    providers: [exampleProvider(0, { interfaceName: 'lo' })],
    testScenarios: [http(`http://127.0.0.1:${port}/`)],
    checkTimeoutMs,
  });
  const [path] = exampleState(config).paths.values();
  assert.ok(path !== undefined);
  const binding = {
    interfaceName: 'lo',
    interfaceIndex: 1,
    address: '127.0.0.1',
    network: undefined,
    gateway: undefined,
  };
  const bound = { ...path, binding, obstacle: undefined };
  const listeners = process.listenerCount('unhandledRejection');
  const before = openSockets();
  const run = runPaths([bound, { ...bound, key: 'gone/4' }], config, chooseEcho());
  await Promise.all([
    assert.rejects(run, /gone\/4 is not a path of this configuration/),
    until(() => connections === 1, 'the request of the path that is there'),
  ]);
  await until(
    () => connections === 0,
    () => `the end of its connection (open: ${openSockets()})`,
  );
  assert.deepEqual(openSockets(), before);
  assert.equal(process.listenerCount('unhandledRejection'), listeners);
});
