import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { IspOptions } from '../../src/lab/isp.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { openScene, type Scene } from './scene.ts';

const isps: readonly IspOptions[] = [
  { name: 'fibre', device: 'eth1', ipv6: false },
  { name: 'cable', device: 'eth2', ipv6: false },
];

/** `second`: another gateway on fibre's network, from an address of its own beside fibre's or from fibre's own. */
function open(ipv4Address: string): Promise<Scene> {
  return openScene({
    isps,
    prepare: async (lab) => {
      await addSecond(lab);
      if (ipv4Address !== '10.10.1.1') await lab.ip(`address add ${ipv4Address}/24 dev eth1`);
    },
    config: (lab) => {
      const { providers } = lab.config();
      const second = { ...providers[0], id: 'second', ipv4Address, gateway: '10.10.1.253' };
      return { providers: [...providers, second] };
    },
  });
}

function addSecond(lab: Lab): Promise<string> {
  return lab.run('fibre', ['ip', 'address', 'add', '10.10.1.253/24', 'dev', 'customer']);
}

/** The second gateway is gone; its device is there still, under fibre's address. */
async function removeSecond(lab: Lab): Promise<void> {
  await lab.run('fibre', ['ip', 'address', 'del', '10.10.1.253/24', 'dev', 'customer']);
  await lab.ip('neighbour flush to 10.10.1.253');
}

for (const [ipv4Address, how] of [
  ['10.10.1.3', 'from addresses of their own'],
  ['10.10.1.1', 'from one address'],
] as const) {
  test(`of two gateways on one device each is checked itself, ${how}`, async () => {
    const scene = await open(ipv4Address);
    after(() => scene.close()); // should it fail
    const { lab } = scene;
    const at = Date.now();
    await removeSecond(lab);
    await scene.until(() => scene.isNow('second', 'unreliable'), 'a verdict on the second');
    await scene.assertUnmoved(at);
    assert.equal((await scene.path('fibre')).liveness, 'up');
    await addSecond(lab);
    await scene.until(() => scene.isNow('second', 'reliable'), 'the second back');
    assert.equal((await scene.path('second')).binding?.address, ipv4Address);
    await scene.close();
  });
}
