import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { addNeighbours, leadNowhere } from './neighbours.ts';
import { openScene, type Scene } from './scene.ts';

/** On one network: two routers that lead out, and a machine that does not. */
const printer = { device: 'printer', address: '10.10.1.20' };
const first = { device: 'second', address: '10.10.1.253' };
const second = { device: 'customer', address: '10.10.1.254' };

const scene: Scene = await openScene({
  shared: true,
  isps: [{ name: 'fibre', device: 'eth1', ipv6: false }],
  prepare: async (lab) => {
    await addNeighbours(lab, 'fibre', [printer, first, second]);
    await leadNowhere(lab, 'fibre', printer);
  },
  config: () => ({
    providers: ['one', 'two'].map((id) => ({ id, interfaceName: 'eth1', gateway: 'discover' })),
  }),
});
after(() => scene.close());

async function gateways(): Promise<readonly (string | undefined)[]> {
  return (await Promise.all(['one', 'two'].map((id) => scene.path(id)))).map(
    ({ binding }) => binding?.gateway,
  );
}

test('two that discover their gateways on one device find one each', async () => {
  await scene.reliable();
  assert.deepEqual([...(await gateways())].sort(), [first.address, second.address]);
});

test('when one of them is dead the other keeps its own, and nobody takes it', async () => {
  const before = await gateways();
  const at = Date.now();
  await leadNowhere(scene.lab, 'fibre', first);
  const lost = before[0] === first.address ? 'one' : 'two';
  const other = lost === 'one' ? 'two' : 'one';
  await scene.until(() => scene.isNow(lost, 'unreliable'), 'the loss of one');
  const tries = async (): Promise<number> =>
    (await scene.decisions()).filter(
      (each) => each.at >= at && each.provider === other && each.to === 'unreliable',
    ).length;
  await scene.until(async () => (await scene.see()).active[4][0] === other, 'traffic through the other');
  await scene.until(async () => (await scene.path(other)).consecutiveSucceeded > 20, 'more checks');
  const kept = (await gateways())[other === 'one' ? 0 : 1];
  assert.equal(kept, second.address);
  assert.notEqual((await gateways())[lost === 'one' ? 0 : 1], second.address);
  assert.equal(await tries(), 0);
  await leadNowhere(scene.lab, 'fibre', first, false);
  await scene.until(() => scene.isNow(lost, 'reliable'), 'its return');
  assert.deepEqual(await gateways(), before);
});
