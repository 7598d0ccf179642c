import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openScene, type Scene } from './scene.ts';

/** What a DHCP client makes of a lease. */
const lease = (gateway: string, device: string): string =>
  `route replace default via ${gateway} dev ${device} proto dhcp metric 1000`;

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1', ipv6: false },
    { name: 'cable', device: 'eth2', ipv6: false },
  ],
  config: () => ({
    providers: [
      { id: 'fibre', interfaceName: 'eth1' },
      { id: 'cable', interfaceName: 'eth2' },
    ],
  }),
  prepare: async (lab) => {
    await lab.ip(lease('10.10.1.254', 'eth1'));
    await lab.ip('route add default via 10.10.2.254 dev eth2 proto dhcp metric 1001');
    // A second gateway of the same ISP, and a way back to the whole network.
    await lab.run('fibre', ['ip', 'address', 'add', '10.10.1.253/24', 'dev', 'customer']);
  },
});
after(() => scene.close());

const bound = async (address: string, gateway: string): Promise<boolean> => {
  const { binding } = await scene.path('fibre');
  return binding?.address === address && binding.gateway === gateway;
};

test('the gateway follows when a DHCP client changes its default route', async () => {
  await scene.lab.ip(lease('10.10.1.253', 'eth1'));
  await scene.until(() => bound('10.10.1.1', '10.10.1.253'), 'the new gateway');
  await scene.until(
    async () => !(await scene.ours(4)).includes('10.10.1.254'),
    'no route through the old one',
  );
  assert.match(await scene.ours(4), /default via 10\.10\.1\.253 dev eth1 src 10\.10\.1\.1 metric 77/);
  assert.match(await scene.ours(4), /default via 10\.10\.1\.253 dev eth1 table 101/);
  await scene.calm();
});

test('the gateway is remembered when the default route vanishes', async () => {
  await scene.lab.ip('route del default via 10.10.1.253 dev eth1 proto dhcp metric 1000');
  const at = Date.now();
  // Another event, after which the routes have surely been read anew.
  await scene.lab.ip('route add default via 10.10.2.254 dev eth2 proto static metric 1500');
  await scene.lab.cut('cable');
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'cable found unreliable');
  assert.ok(await bound('10.10.1.1', '10.10.1.253'));
  await scene.assertUnmoved(at);
  await scene.lab.ip('route del default via 10.10.2.254 dev eth2 proto static metric 1500');
  await scene.lab.ip(lease('10.10.1.253', 'eth1'));
  await scene.calm();
});

test('tables and rules follow an address that changes, and nothing of the old one stays', async () => {
  const { lab } = scene;
  await lab.addAddress('fibre', 4, '10.10.1.77/24'); // as dhclient does: the new one, then not the old one
  await lab.removeAddress('fibre', 4, '10.10.1.1/24');
  await lab.removeAddress('fibre', 4, '10.10.1.77/24').catch(() => undefined);
  await lab.addAddress('fibre', 4, '10.10.1.77/24').catch(() => undefined);
  await lab.ip(lease('10.10.1.253', 'eth1'));
  await scene.until(() => bound('10.10.1.77', '10.10.1.253'), 'the new address');
  await scene.calm();
  await scene.until(async () => !(await scene.ours(4)).includes('10.10.1.1 '), 'nothing of the old address');
  assert.match(await scene.ours(4), /from 10\.10\.1\.77 lookup 101/);
});

test('a new network and gateway are taken over', async () => {
  const { lab } = scene;
  await lab.run('fibre', ['ip', 'address', 'add', '10.20.1.254/24', 'dev', 'customer']);
  await lab.run('internet', ['ip', 'route', 'add', '10.20.1.0/24', 'via', '100.64.1.1']);
  await lab.removeAddress('fibre', 4, '10.10.1.77/24');
  await scene.carries('cable');
  await lab.addAddress('fibre', 4, '10.20.1.5/24');
  await lab.ip(lease('10.20.1.254', 'eth1'));
  await scene.until(() => bound('10.20.1.5', '10.20.1.254'), 'the new address and gateway');
  await scene.calm();
  assert.doesNotMatch(await scene.ours(4), /10\.10\.1\./);
  assert.match(await scene.ours(4), /10\.20\.1\.0\/24 dev eth1 table 101/);
});
