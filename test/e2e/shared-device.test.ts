import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openScene, type Scene } from './scene.ts';

/** `second`: another gateway on fibre's network, and an address of its own beside fibre's on the same device. */
const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1', ipv6: false },
    { name: 'cable', device: 'eth2', ipv6: false },
  ],
  prepare: async (lab) => {
    await lab.run('fibre', ['ip', 'address', 'add', '10.10.1.253/24', 'dev', 'customer']);
    await lab.ip('address add 10.10.1.3/24 dev eth1');
  },
  config: (lab) => {
    const { providers } = lab.config();
    const second = { ...providers[0], id: 'second', ipv4Address: '10.10.1.3', gateway: '10.10.1.253' };
    return { providers: [...providers, second] };
  },
});
after(() => scene.close());
beforeEach(() => scene.calm());

test('of two gateways on one device each is checked itself', async () => {
  const at = Date.now();
  await scene.lab.run('fibre', ['ip', 'address', 'del', '10.10.1.253/24', 'dev', 'customer']);
  await scene.lab.ip('neighbour flush to 10.10.1.253'); // its device is there still, under fibre's address
  await scene.until(() => scene.isNow('second', 'unreliable'), 'a verdict on the second');
  await scene.assertUnmoved(at);
  assert.equal((await scene.path('fibre')).liveness, 'up');
  await scene.lab.run('fibre', ['ip', 'address', 'add', '10.10.1.253/24', 'dev', 'customer']);
  await scene.until(() => scene.isNow('second', 'reliable'), 'the second back');
});
