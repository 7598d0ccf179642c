import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindAll } from '../../../src/core/binding/rebind.ts';
import {
  auto,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  none,
  pathOf,
  warmUp,
} from '../example.ts';

const { links, defaults } = exampleLinks();
const dark = { links: links.map((link, i) => (i === 0 ? { ...link, carrier: false } : link)), defaults };
const without = {
  links: links.slice(1),
  defaults: defaults.filter(({ interfaceName }) => interfaceName !== 'eth1'),
};

test('bindAll() of what is as before changes nothing', () => {
  const state = warmUp(exampleState());
  const before = { ...pathOf(state, 'fibre') };
  assert.deepEqual(bindAll(state, exampleLinks()), []);
  assert.equal(pathOf(state, 'fibre').lastStart, before.lastStart);
  assert.deepEqual({ ...pathOf(state, 'fibre') }, before);
});

test('bindAll() gives the path that has an obstacle now, keeps its binding, and has it begin again', () => {
  const state = warmUp(exampleState());
  const path = pathOf(state, 'fibre');
  const { binding } = path;
  path.findings.mtu = { target: '1.1.1.1', size: 1500, passes: true };
  assert.deepEqual(bindAll(state, dark), [{ path, hasOtherObstacle: true }]);
  assert.equal(path.obstacle, 'interface eth1 has no carrier');
  assert.equal(path.findings.obstacle, 'carrier');
  assert.deepEqual(path.binding, binding, 'the kernel keeps the routes, too');
  assert.deepEqual([path.consecutiveSucceeded, path.lastStart, path.readyAt], [0, undefined, state.at]);
  assert.equal(path.findings.mtu, undefined, 'another line may be plugged in');
  assert.equal(pathOf(state, 'lte').consecutiveSucceeded, 6);
  assert.deepEqual(bindAll(state, dark), [], 'said once');
});

test('bindAll() remembers address and gateway of a device that is gone, and expects it back', () => {
  const state = warmUp(exampleState());
  const path = pathOf(state, 'fibre');
  bindAll(state, without);
  assert.deepEqual(
    [path.expected, path.binding, path.obstacle],
    [true, undefined, 'interface eth1 is missing'],
  );
  assert.deepEqual(path.remembered, {
    address: '10.10.1.1',
    network: '10.10.1.0/24',
    gateway: '10.10.1.254',
  });
  const bare = defaults.filter(({ interfaceName }) => interfaceName !== 'eth1');
  assert.deepEqual(bindAll(state, { links, defaults: bare }), [{ path, hasOtherObstacle: true }]);
  assert.equal(path.binding?.gateway, '10.10.1.254', 'its default route went with the device');
});

test('bindAll() begins again with a device that was made again under its name', () => {
  const state = warmUp(exampleState());
  const path = pathOf(state, 'fibre');
  const made = links.map((link, i) => (i === 0 ? { ...link, index: 99 } : link));
  assert.deepEqual(bindAll(state, { links: made, defaults }), [{ path, hasOtherObstacle: false }]);
  assert.equal(path.lastStart, undefined);
  assert.equal(path.consecutiveSucceeded, 6, 'nothing was in its way');
});

test('bindAll() marks paths of one device and address, and blocks the second of one gateway', () => {
  const on = (gateway: string) => ({
    interfaceName: 'eth1',
    addressing: { 4: { ...auto, gateway }, 6: none },
  });
  const providers = ['10.10.1.251', '10.10.1.252', '10.10.1.252'].map((gateway, i) =>
    exampleProvider(i, on(gateway)),
  );
  const state = exampleState(exampleConfig({ providers }), exampleLinks(1));
  assert.deepEqual(
    ['fibre', 'lte', 'dsl'].map((id) => pathOf(state, id).binding?.mark),
    [0x01000000, 0x02000000, 0x03000000],
  );
  assert.deepEqual([pathOf(state, 'fibre').obstacle, pathOf(state, 'lte').obstacle], [undefined, undefined]);
  assert.match(
    pathOf(state, 'dsl').obstacle ?? '',
    /^10\.10\.1\.1 on eth1 through 10\.10\.1\.252 is also .* of lte/,
  );
});
