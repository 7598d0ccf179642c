import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openScene } from './scene.ts';

test("'auto' makes providers of the devices with a default route, and keeps them when it goes", async () => {
  const scene = await openScene({
    shared: true,
    isps: [
      { name: 'fibre', device: 'eth1', ipv6: false },
      { name: 'cable', device: 'eth2', ipv6: false },
    ],
    prepare: async (lab) => {
      for (const { device, ends, index } of lab.isps)
        await lab.ip(`route add default via ${ends[4]?.gateway} dev ${device} metric ${5000 + index}`);
      await lab.ip(
        'link add lan0 type veth peer name lan1',
        'link set lan0 up',
        'address add 10.7.0.1/24 dev lan0',
      );
    },
    config: () => ({ providers: [{ id: 'up', interfaceName: 'auto' }] }),
  });
  after(() => scene.close());
  const { lab } = scene;
  const ids = async () => (await scene.see()).paths.map(({ provider }) => provider);
  assert.deepEqual(await ids(), ['up-eth1', 'up-eth2']);
  await scene.until(async () => (await scene.see()).active[4].length === 2, 'both share the traffic');
  await lab.ip('route del default via 10.10.2.254 dev eth2 metric 5002');
  await lab.cut('fibre');
  await scene.until(async () => (await scene.see()).active[4].join() === 'up-eth2', 'eth2 carries it alone');
  assert.deepEqual(await ids(), ['up-eth1', 'up-eth2']);
  await scene.close();
});
